"""Numbers, intervals, units, names of quantities and tables become text here, nowhere else."""
