"""Sections of the report, one file each: sentences, tables and figures without their looks."""
