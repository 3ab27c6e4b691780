"""The law that looks at steps alone: the baseline that knows nothing of the learning rate."""

from eigenscale.laws.curves.law import CurveLaw

STEPS_ONLY = CurveLaw(
    "steps-only",
    "L(t) = L0 + A t^-alpha",
    "a power of the number of steps, as in Hestness et al. 2017, arXiv:1712.00409",
    clock="steps",
)
