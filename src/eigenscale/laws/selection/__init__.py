"""Several laws: which to use, their weighted average, and two laws compared."""
