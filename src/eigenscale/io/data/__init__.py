"""Data as the measurements take it: a `Source` from whatever the user has, and its target."""
