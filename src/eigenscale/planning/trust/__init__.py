"""How far a plan lies beyond the runs, and how much wider that makes its interval."""
