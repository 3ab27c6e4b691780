"""The solvable model drawn and solved: what the theory is checked against."""
