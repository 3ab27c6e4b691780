"""What to train next, from any loss surface: compute-optimal size and data, limits, costs."""

from eigenscale.plan.compute_optimal import frontier as frontier
from eigenscale.plan.compute_optimal import plan as plan
from eigenscale.plan.flops import Architecture as Architecture
from eigenscale.plan.flops import forward_flops_per_token as forward_flops_per_token
from eigenscale.plan.flops import training_flops as training_flops
from eigenscale.plan.frontier import Frontier as Frontier
from eigenscale.plan.frontier import Plan as Plan
from eigenscale.plan.hardware import Hardware as Hardware
from eigenscale.plan.limits import Limits as Limits
