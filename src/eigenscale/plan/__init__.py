"""What to train next, from any loss surface: compute-optimal size and data, limits, costs."""

from eigenscale.plan.compute_optimal import plan as plan
