"""Experiment trackers and logs: one file for each, all of which give plain columns."""
