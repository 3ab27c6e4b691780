"""Results as figures, one file for each kind of result."""
