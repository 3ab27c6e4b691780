"""Fits as files, and predictions registered in files before they are measured."""
