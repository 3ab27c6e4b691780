"""Backtests: laws fitted to the smaller runs and scored on the larger ones."""
