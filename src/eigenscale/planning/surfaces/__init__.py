"""What the planner knows of a loss surface: its law in closed form, its draws, its runs."""
