"""Gallery figures of regimes: what limits the loss, and how far the simple law holds."""

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.figures.solvable.draws import Draws
from eigenscale.figures.spec import Axis, Figure, Line, Map, Panel, Rule
from eigenscale.figures.topics.regimes import regime_map
from eigenscale.model import SolvableModel
from eigenscale.spectrum import Spectrum
from eigenscale.theory.regimes import SimpleLaw, fit_simple_law

_MODES = 10**4
_REGIONS = ("Within 5 %", "Within 20 %", "Off by more")


def regimes(rng: Draws) -> Figure:  # noqa: ARG001  (no draws needed)
    """Map of what limits, with noise of a fiftieth of the target."""
    spectrum = Spectrum.power_law(0.5, _MODES)
    model = SolvableModel(spectrum, noise_var=0.02 * spectrum.trace / _MODES)
    sizes = np.geomspace(10, 1e5, 141)
    return regime_map(model, sizes, sizes)


def simple_law(rng: Draws) -> Figure:  # noqa: ARG001  (no draws needed)
    """Compare k (1/N + 1/T)^α with the exact loss, along N = T and over the plane."""
    surface = SolvableModel(Spectrum.power_law(0.5, _MODES)).surface()
    sizes = np.geomspace(10, 9e3, 121)
    law = fit_simple_law(surface, sizes, sizes[:, None], below=_MODES / 10)
    return Figure(
        "simple-law",
        "The law k (1/N + 1/T)ᵅ holds until sizes near the latent dimension",
        (_along(law, surface.loss(sizes, sizes), sizes), _plane(law, sizes)),
        caption=(
            f"α = 0.5 and M = 10⁴, best ridge, no noise. Fitted where N and T are below M/10: "
            f"the exponent comes out {law.alpha:.3f}. Near M the exact loss falls faster than any "
            "power."
        ),
        alt="The fitted law follows the exact loss and lies above it near the latent dimension.",
    )


def _along(law: SimpleLaw, exact: Floats, sizes: Floats) -> Panel:
    layers = (
        Line(sizes, exact, "exact, N = T", 0),
        Line(sizes, law(sizes, sizes), "law", 1, "dash"),
        Rule(_MODES / 10, "x", "fitted below"),
    )
    return Panel(Axis("N = T"), Axis("test loss L"), layers)


def _plane(law: SimpleLaw, sizes: Floats) -> Panel:
    off = np.abs(law.ratio - 1.0)
    codes = np.where(off <= 0.05, 0.0, np.where(off <= 0.2, 1.0, 2.0))
    layer = Map(sizes, sizes, codes, "law against exact loss", log=False, categories=_REGIONS)
    return Panel(Axis("number of features N"), Axis("number of training samples T"), (layer,))
