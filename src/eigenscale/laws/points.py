"""Points to predict at, as columns of a mapping or of any dataframe."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.law import Law


def point_columns(points: Any, law: Law) -> dict[str, Floats]:
    """Take from `points` the columns that the law needs, each (n,); compute may be asked alone.

    Raises
    ------
    InputError
        `points` is no table, lacks an input of the law, or has a cell that is no number.
    """
    if isinstance(points, Mapping):
        held = {str(name): np.asarray(values) for name, values in points.items()}
    else:
        import narwhals as nw

        frame = nw.from_native(points, eager_only=True, pass_through=True)
        if not isinstance(frame, nw.DataFrame):
            raise InputError(
                f"points are a {type(points).__name__}; give a mapping or a dataframe with "
                f"columns {', '.join(law.inputs)}"
            )
        held = {name: frame[name].to_numpy() for name in frame.columns}
    if "flops" in held and not set(law.inputs) & set(held):
        return {"flops": np.asarray(held["flops"], dtype=float)}
    missing = [name for name in law.inputs if name not in held]
    if missing:
        raise InputError(
            f"the points have no column {missing[0]!r}; {law.name} needs "
            f"{' and '.join(law.inputs)}, the columns are {', '.join(held)}"
        )
    try:
        return {name: held[name].astype(float) for name in law.inputs}
    except (TypeError, ValueError):
        raise InputError(
            f"the columns {', '.join(law.inputs)} of the points are not all numbers; mend them"
        ) from None
