"""What to train next, on any loss surface: compute-optimal size and data, limits, costs."""
