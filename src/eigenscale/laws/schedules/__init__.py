"""Learning-rate schedules: one rate per step, by name or rebuilt from what a run recorded."""
