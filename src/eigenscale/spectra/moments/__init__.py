"""One pass over the rows: sums that add up in any order, on one machine or on many."""
