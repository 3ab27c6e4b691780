"""Reading: files and objects of every kind into rows of numbers, targets, and tables of runs."""
