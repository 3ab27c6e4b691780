"""Data with more inputs than a covariance matrix can hold: exact by rows, or the leading part."""
