"""The one equation (★) of the theory: its root, and what follows from the root alone."""
