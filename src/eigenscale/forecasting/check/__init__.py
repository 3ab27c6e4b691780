"""The check of a forecast: train on parts of the data and compare."""
