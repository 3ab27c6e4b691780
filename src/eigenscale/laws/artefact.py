"""A fit as a file: JSON with the estimate, the draws and how it came about."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.laws.certificate import Certificate
from eigenscale.laws.objective import parse_objective
from eigenscale.laws.registry import get
from eigenscale.laws.result import LawFit
from eigenscale.results import to_plain
from eigenscale.writing import whole_file

if TYPE_CHECKING:
    from eigenscale.laws.table import Table

FORMAT = "eigenscale-fit-1"


def save_fit(fit: LawFit, path: str | Path) -> Path:
    """Write a fit to a JSON file, whole or not at all.

    Raises
    ------
    InputError
        The place cannot be written, or the law is the user's own and has no name here.
    """
    get(fit.law.name)  # a law that cannot be found again cannot be loaded again
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps(_plain(fit), allow_nan=False) + "\n", encoding="utf-8")
    return Path(path)


def _plain(fit: LawFit) -> dict[str, Any]:
    from eigenscale import __version__

    return {
        "format": FORMAT,
        "versions": {"eigenscale": __version__, "numpy": np.__version__},
        "data_sha256": None if fit.table is None else data_hash(fit.table),
        "law": fit.law.name,
        "theta": fit.theta.tolist(),
        "draws": fit.draws.tolist(),
        "residuals": fit.residuals.tolist(),
        "objective": fit.objective.name,
        "objective_value": fit.objective_value,
        "n_runs": fit.n_runs,
        "level": fit.level,
        "fixed": dict(fit.fixed),
        "failed_draws": fit.failed_draws,
        "certificate": to_plain(fit.certificate),
        "warnings": list(fit.warnings),
        "size_name": fit.size_name,
        "data_name": fit.data_name,
        "settings": to_plain(fit.settings),
    }


def data_hash(table: "Table") -> str:
    """SHA-256 of the numbers that were fitted, column by column."""
    digest = hashlib.sha256(np.ascontiguousarray(table.target).tobytes())
    for name in sorted(table.inputs):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(table.inputs[name]).tobytes())
    return digest.hexdigest()


def load_fit(path: str | Path) -> LawFit:
    """Read a fit that `save_fit` wrote; it predicts as before, without its runs.

    Raises
    ------
    InputError
        The file is absent, no saved fit, or of another format.
    """
    try:
        known = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as a saved fit ({error}); name one") from None
    if not isinstance(known, dict) or known.get("format") != FORMAT:
        raise InputError(f"{path} is not a fit saved as {FORMAT}; save one with save_fit")
    try:
        return _fit(known)
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} is a damaged fit ({error}); save it again") from None


def _fit(known: dict[str, Any]) -> LawFit:
    law = get(known["law"])
    judged = known["certificate"]
    names = Certificate.__dataclass_fields__
    certificate = {k: judged[k] for k in names}
    certificate["at_bounds"] = tuple(judged["at_bounds"])
    theta = np.array(known["theta"], dtype=float)
    if theta.shape != (len(law.parameters),):
        raise ValueError(f"{theta.size} parameters for {law.name}")
    return LawFit(
        law=law,
        theta=theta,
        draws=np.array(known["draws"], dtype=float).reshape(-1, len(theta)),
        objective=parse_objective(known["objective"]),
        objective_value=float(known["objective_value"]),
        certificate=Certificate(**certificate),
        n_runs=int(known["n_runs"]),
        residuals=np.array(known["residuals"], dtype=float),
        level=float(known["level"]),
        fixed=known["fixed"],
        failed_draws=int(known["failed_draws"]),
        warnings=tuple(known["warnings"]),
        size_name=known["size_name"],
        data_name=known["data_name"],
        settings=known["settings"],
    )
