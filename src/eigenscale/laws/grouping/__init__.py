"""Runs that belong together: cells of a sweep, and groups that share a law."""
