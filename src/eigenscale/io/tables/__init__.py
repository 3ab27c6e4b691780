"""Tables: files and dataframes as named columns, for runs, points, curves and targets."""
