"""The picture of an intrinsic dimension: the estimate against scale."""

from collections.abc import Sequence

import numpy as np

from eigenscale.figures.spec import Axis, Band, Figure, Layer, Line, Panel, Points, Rule
from eigenscale.spectra.dimension.dimension import Subsample
from eigenscale.spectra.dimension.estimators import Dimension
from eigenscale.spectra.dimension.several import Dimensions


def dimension_figure(
    dimension: Dimension, name: str = "data", subsamples: Sequence[Subsample] = ()
) -> Figure:
    """Dimension against the distance at which it is seen, with the limit at scale zero."""
    radius = np.array([s.radius for s in dimension.scales])
    value, low, high = (
        np.array([getattr(s.mle, part) for s in dimension.scales])
        for part in ("value", "low", "high")
    )
    hover = tuple(f"{s.neighbours} neighbours: {s.mle}" for s in dimension.scales)
    ends = np.array([0.0, radius[-1]])
    limit = dimension.limit
    layers: tuple[Layer, ...] = (
        Band(ends, np.full(2, dimension.mle.low), np.full(2, dimension.mle.high), "interval", 1),
        Points(radius, value, "maximum likelihood", 0, low=low, high=high, hover=hover),
        Points(
            np.zeros(1),
            np.array([limit.value]),
            "extrapolated to scale 0",
            1,
            "diamond",
            low=np.array([limit.low]),
            high=np.array([limit.high]),
        ),
        Rule(dimension.two_nn.value, "y", f"TwoNN {dimension.two_nn.value:.3g}"),
    )
    if subsamples:
        layers = (*layers, _fewer(subsamples))
    panel = Panel(
        Axis("mean distance to the k-th neighbour", "linear"),
        Axis("intrinsic dimension", "linear"),
        layers,
    )
    ladder = ", ".join(str(s.neighbours) for s in dimension.scales)
    return Figure(
        name="dimension",
        title=f"{name}: dimension {dimension.mle.value:.3g} at {dimension.neighbours} neighbours",
        panels=(panel,),
        caption=(
            f"{dimension.n_points:,} distinct points of {dimension.n_inputs} inputs. Each point is "
            f"the maximum likelihood estimate at k = {ladder} neighbours with its "
            "sampling error; the unit of distance is the data's root mean square. The band joins "
            "that of the quoted estimate with the limit at scale zero."
            f"{' Open points: the same on fewer points.' if subsamples else ''}"
        ),
        alt=f"Dimension against neighbour distance: {value[0]:.3g} near, {value[-1]:.3g} far.",
    )


def _fewer(subsamples: Sequence[Subsample]) -> Points:
    x, value, low, high = np.array(
        [[s.radius, s.mle.value, s.mle.low, s.mle.high] for s in subsamples]
    ).T
    hover = tuple(f"{s.n_points:,} points: {s.mle}" for s in subsamples)
    return Points(x, value, "on fewer points", 2, "open-circle", low=low, high=high, hover=hover)


def dimensions_figure(found: Dimensions) -> Figure:
    """Draw the dimension of several datasets against the number of neighbours."""
    layers: list[Layer] = []
    for color, one in enumerate(found.datasets):
        scales = one.dimension.scales
        x = np.array([float(scale.neighbours) for scale in scales])
        low, value, high = (
            np.array([getattr(scale.mle, end) for scale in scales])
            for end in ("low", "value", "high")
        )
        layers += [Band(x, low, high, color=color), Line(x, value, one.name, color=color)]
    most = max(found.datasets, key=lambda one: one.dimension.mle.value)
    return Figure(
        "dimensions",
        f"{most.name} has the highest dimension, {most.dimension.mle.value:.3g}",
        (Panel(Axis("neighbours"), Axis("intrinsic dimension"), tuple(layers)),),
        caption="Maximum likelihood at several numbers of neighbours; bands are intervals.",
        alt="Intrinsic dimension of several datasets against the number of neighbours.",
    )
