"""Figures of the solvable model for the gallery, from our own numbers."""
