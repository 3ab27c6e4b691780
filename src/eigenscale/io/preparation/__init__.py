"""What is done to the columns of a table before anything is learned from them.

Each column is given a role (`roles`), columns that must not be inputs are named and left out
(`exclusions`), and one `Preparation` encodes and scales the others, fitted on training rows only.
"""
