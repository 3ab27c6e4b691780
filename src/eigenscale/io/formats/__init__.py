"""Formats: one file for each family of formats, all of which give a `Source` of blocks of rows.

Readers stream, so that memory does not grow with the file, and nothing is ever unpickled.
"""
