"""A fit as a file: JSON with the estimate, the draws and how it came about."""

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale._version import __version__
from eigenscale.errors import InputError
from eigenscale.frozen import frozen_class, thaw
from eigenscale.io.runs.container import Runs
from eigenscale.io.runs.loss_units import loss_unit
from eigenscale.laws.backtest.record import Holdout
from eigenscale.laws.estimation.certificate import Certificate
from eigenscale.laws.estimation.objective import parse_objective
from eigenscale.laws.estimation.prior import Normal, Prior
from eigenscale.laws.estimation.stated import DEFAULT
from eigenscale.laws.estimation.weighting import weighted
from eigenscale.laws.registry import get
from eigenscale.laws.result import LawFit
from eigenscale.laws.saving.values import count_of, level_of, number, numbers, shaped, text, texts
from eigenscale.laws.selection.average import Blend
from eigenscale.laws.table import Extent, Table, tabulate, usable
from eigenscale.results import Result, to_plain
from eigenscale.writing import whole_file

NAME, VERSION = "eigenscale-fit", 2
EXACT = 1e-9
_HEAD = re.compile(rf'\s*\{{\s*"format"\s*:\s*"{NAME}-'.encode())


def save_fit(fit: LawFit | Blend, path: str | Path) -> Path:
    """Write a fit, or a blend of fits, to a JSON file, whole or not at all.

    Raises
    ------
    InputError
        The place cannot be written, or the law is the user's own and has no name here.
    """
    for one in (fit,) if isinstance(fit, LawFit) else fit.members:
        get(one.law.name)  # a law that cannot be found again cannot be loaded again
    plain = _plain(fit) if isinstance(fit, LawFit) else _plain_blend(fit)
    content = json.dumps(plain, allow_nan=False) + "\n"
    with whole_file(path) as temporary:
        temporary.write_text(content, encoding="utf-8")
    return Path(path)


def _plain_blend(made: Blend) -> dict[str, Any]:
    members = [_plain(replace(one, remarks=()), judged=False) for one in made.members]
    return {
        "format": f"{NAME}-{VERSION}",
        "weights": made.weights.tolist(),
        "level": made.level,
        "reach": to_plain(made.reach),
        "members": members,
        "best": None if made.best is None else _plain(made.best),
    }


def _plain(fit: LawFit, judged: bool = True) -> dict[str, Any]:
    plain = {
        "format": f"{NAME}-{VERSION}",  # first, so that the head of the file tells
        "versions": {"eigenscale": __version__, "numpy": np.__version__},
        "data": _data(fit),
        "law": fit.law.name,
        "theta": fit.theta.tolist(),
        "draws": fit.draws.tolist(),
        "prior": None if fit.prior is None else to_plain(fit.prior),
        "residuals": fit.residuals.tolist(),
        "objective": fit.objective.name,
        "objective_value": fit.objective_value,
        "n_runs": fit.n_runs,
        "level": fit.level,
        "fixed": dict(fit.fixed),
        "failed_draws": fit.failed_draws,
        "certificate": {f.name: getattr(fit.certificate, f.name) for f in fields(Certificate)},
        "holdout": None
        if fit.holdout is None
        else to_plain({f.name: getattr(fit.holdout, f.name) for f in fields(Holdout)}),
        "warnings": list(fit.warnings) if judged else [],
        "extent": None if fit.extent is None else to_plain(vars(fit.extent)),
        "size_name": fit.size_name,
        "data_name": fit.data_name,
        "settings": {
            **{k: v for k, v in to_plain(fit.settings).items() if k != "data"},
            "reach": to_plain(fit.reach),
            "error_scale": to_plain(fit.error_scale),
        },
    }
    return plain if fit.first is None else {**plain, "first": _plain(fit.first)}


def _data(fit: LawFit) -> Any:
    """Say what was fitted: its hash, where it was read, and what was understood of it."""
    if fit.table is None:
        return fit.settings.get("data")
    known = fit.runs
    return {
        "sha256": data_hash(fit.table),
        "source": None if known is None else known.source,
        "unit": fit.unit,
        "recognised": {} if known is None else dict(known.recognised),
        "derived": {} if known is None else dict(known.derived),
        "checkpoints": None if known is None else known.checkpoints,
        "excluded": [] if known is None else [to_plain(one) for one in known.excluded],
    }


def data_hash(table: Table) -> str:
    """SHA-256 of the numbers that were fitted, column by column."""
    digest = hashlib.sha256(np.ascontiguousarray(table.target).tobytes())
    for name in sorted(table.inputs):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(table.inputs[name]).tobytes())
    return digest.hexdigest()


def is_saved_fit(path: str | Path) -> bool:
    """Tell a saved fit, of whatever version and however damaged, from a table of runs."""
    place = Path(path)
    if not place.is_file():
        return False
    with place.open("rb") as file:
        known = _HEAD.match(file.read(100)) is not None
    return known or frozen_class(place) in ("LawFit", "Blend")


def load(path: str | Path) -> Result:
    """Read what ``result.save(path)`` or `save_fit` wrote: any result, as it was.

    Parameters
    ----------
    path : path

    Returns
    -------
    Result
        Of the class that was saved; `load_fit` says of fits that they are fits.

    Raises
    ------
    InputError
        The file is absent, no saved result, damaged, or of another version.

    Examples
    --------
    >>> import tempfile
    >>> from eigenscale.spectrum import Spectrum
    >>> spectrum = Spectrum.power_law(alpha=0.5, latent_dim=100)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load(spectrum.save(f"{folder}/spectrum.json")) == spectrum
    True
    """
    with Path(path).open("rb") if Path(path).is_file() else nullcontext() as file:
        head = b"" if file is None else file.read(100)
    if _HEAD.match(head):
        return load_fit(path)
    found: Result = thaw(path)
    return found


def load_fit(path: str | Path, runs: Any = None) -> LawFit | Blend:
    """Read a fit or a blend that `save_fit` wrote; it predicts as before, without its runs.

    Parameters
    ----------
    path : path
    runs : Runs or mapping, optional
        The runs that were fitted, to draw and judge the fit with them.

    Raises
    ------
    InputError
        The file is absent, no saved fit, damaged, or of another version; or the runs are others.
    """
    found = _load(path)
    if runs is None:
        return found
    if isinstance(found, LawFit):
        return _with_runs(found, runs, path)
    members = tuple(_with_runs(one, runs, path) for one in found.members)
    best = None if found.best is None else _with_runs(found.best, runs, path)
    return replace(found, members=members, best=best)


def _with_runs(found: LawFit, runs: Any, path: str | Path) -> LawFit:
    needed = found.needed(found.fixed)
    table = usable(tabulate(runs, found.law.label), found.law, found.fixed, needed)
    if data_hash(table) != (found.settings["data"] or {}).get("sha256"):
        raise InputError(
            f"{path} was fitted to other runs than these {len(table)} (their hash differs); give "
            "the runs as they were read then, or fit again"
        )
    if found.settings.get("estimator") == DEFAULT:
        table = weighted(table, found.law)
    known = runs if isinstance(runs, Runs) else None
    warned, left_out = (tuple(getattr(runs, name, ())) for name in ("warnings", "excluded"))
    return replace(found, table=table, runs=known, remarks=warned, excluded=left_out)


def _load(path: str | Path) -> LawFit | Blend:
    if frozen_class(path) in ("LawFit", "Blend"):
        kept: LawFit | Blend = thaw(path)
        return kept
    try:
        known = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read as a saved fit ({error}); name one") from None
    _check_format(path, known)
    try:
        return _blend(known) if "members" in known else _fit(known)
    except InputError as error:
        raise InputError(f"{path} is a damaged fit: {error}") from None
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise InputError(f"{path} is a damaged fit ({reason}); save it again") from None


def _check_format(path: str | Path, known: Any) -> None:
    found = known.get("format") if isinstance(known, dict) else None
    name, _, version = str(found).rpartition("-")
    if name != NAME or not version.isdecimal():
        raise InputError(
            f"{path} is not a fit saved as {NAME}-{VERSION}; save one with save_fit "
            "(eigenscale fit RUNS --save FILE)"
        )
    if int(version) > VERSION:
        raise InputError(
            f"{path} was saved by a newer eigenscale (format {version}, this one reads {VERSION}); "
            "upgrade eigenscale"
        )
    if int(version) < VERSION:
        raise InputError(
            f"{path} was saved by an older eigenscale (format {version}, this one reads "
            f"{VERSION}); fit the runs again"
        )


def _blend(known: dict[str, Any]) -> Blend:
    members = tuple(_fit(one) for one in known["members"])
    weights = shaped(numbers(known, "weights", 1), "weights", len(members))
    if not members or (weights <= 0).any() or abs(weights.sum() - 1) > EXACT:
        raise ValueError("weights are not positive, or do not sum to one")
    reach = float("nan") if known["reach"] is None else number(known, "reach")
    best = None if known["best"] is None else _fit(known["best"])
    return Blend(members, weights, level_of(known), best, reach)


def _fit(known: dict[str, Any]) -> LawFit:
    law = get(known["law"])
    count = len(law.parameters)
    draws = numbers(known, "draws", 2)
    return LawFit(
        law=law,
        theta=shaped(numbers(known, "theta", 1), "theta", count),
        draws=shaped(draws if draws.size else np.empty((0, count)), "draws", count),
        objective=parse_objective(known["objective"]),
        objective_value=number(known, "objective_value"),
        certificate=_certificate(known["certificate"]),
        n_runs=count_of(known, "n_runs"),
        residuals=shaped(numbers(known, "residuals", 1), "residuals", known["n_runs"]),
        level=level_of(known),
        fixed={law.names[law.index(k)]: number(known["fixed"], k) for k in known["fixed"]},
        failed_draws=count_of(known, "failed_draws"),
        holdout=None if known["holdout"] is None else _holdout(known["holdout"]),
        remarks=texts(known["warnings"]),
        measured=None if known["extent"] is None else _extent(known["extent"]),
        first=_fit(known["first"]) if "first" in known else None,
        size_name=text(known["size_name"]),
        data_name=text(known["data_name"]),
        settings={
            **known["settings"],
            "data": _described(known["data"]),
            "priors": _normals(known["settings"].get("priors") or {}),
        },
        prior=None if known.get("prior") is None else _prior(known["prior"]),
    )


def _prior(known: Mapping[str, Any]) -> Prior:
    return Prior(_normals(known["parameters"]), number(known, "scale"))


def _normals(known: Mapping[str, Any]) -> dict[str, Normal]:
    return {name: Normal(number(one, "mean"), number(one, "sd")) for name, one in known.items()}


def _described(data: Any) -> Any:
    """Take what was fitted; `TypeError` where it is anything else."""
    if data is not None:
        text(data["sha256"])
        loss_unit(data.get("unit", "nats/token"))
    return data


def _certificate(known: Mapping[str, Any]) -> Certificate:
    values = {name: known[name] for name in Certificate.__dataclass_fields__}
    at_bounds = texts(values.pop("at_bounds"))
    for name in ("second_objective", "basin_distance"):
        if values[name] is not None:
            number(values, name)
    for name in ("gradient_norm", "gain_left"):
        values[name] = number(values, name)
    counts = {name: count_of(values, name) for name in ("starts", "agreeing")}
    if counts["starts"] == 0:
        raise ValueError("starts is 0")
    return Certificate(**{**values, **counts}, at_bounds=at_bounds)


def _holdout(known: Mapping[str, Any]) -> Holdout:
    arrays = ("theta", "measured", "predicted", "low", "high")
    values = {name: known[name] for name in Holdout.__dataclass_fields__ if name != "cost"}
    values["cost"] = text(known.get("cost", "compute"))
    for name in arrays:
        values[name] = np.array([np.nan if v is None else v for v in known[name]], dtype=float)
    values["inputs"] = {name: numbers(known["inputs"], name, 1) for name in known["inputs"]}
    values["level"] = level_of(known)
    values["compute_ratio"] = number(known, "compute_ratio")
    for name in ("n_fitted", "n_held_out"):
        values[name] = count_of(known, name)
    for name in arrays[1:]:
        shaped(values[name], name, values["n_held_out"])
        if (values[name] <= 0).any():
            raise ValueError(f"{name} has a loss that is not positive")
    return Holdout(**values)


def _extent(known: Mapping[str, Any]) -> Extent:
    ranges = {text(k): shaped(numbers(known["ranges"], k, 1), k, 2) for k in known["ranges"]}
    for name, (low, high) in ranges.items():
        if not 0 <= low <= high or high == 0:
            raise ValueError(f"{name} has the range {low:g} to {high:g}")
    largest = {text(name): number(known["largest"], name) for name in known["largest"]}
    for name, value in largest.items():
        if not value > 0 and name != "score":
            raise ValueError(f"the largest {name} is {value:g}")
    ends = {name: (float(low), float(high)) for name, (low, high) in ranges.items()}
    return Extent(ends, largest)
