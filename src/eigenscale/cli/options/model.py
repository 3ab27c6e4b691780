"""The options that `theory` and `simulate` share, and the model and grid they describe."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from eigenscale.model import SolvableModel

Features = Annotated[
    str, typer.Option(help="Number of features N: one, a list 100,200 or a range 100:10000:9.")
]
Samples = Annotated[str, typer.Option(help="Number of training samples T, likewise.")]
Alpha = Annotated[
    str | None, typer.Option(help="Exponent: the spectrum falls as 1 + alpha, the loss as alpha.")
]
TargetExponent = Annotated[
    str | None,
    typer.Option(
        help="Exponent ω of the target: its power in mode J falls as 1 + ω. As alpha by default."
    ),
]
LatentDim = Annotated[str | None, typer.Option(help="Number of latent features M.")]
SpectrumFile = Annotated[
    str | None,
    typer.Option(help="File of eigenvalues (.npy, .csv, .json) instead of alpha and latent-dim."),
]
Ridge = Annotated[
    str, typer.Option(help="Ridge, added to the sum over samples: a number, a list, or 'optimal'.")
]
Time = Annotated[
    str | None,
    typer.Option(
        help="Stop training after this time: a number, a list, a range, or 'best'. "
        "In units of 1/eigenvalue; the ridge is then weight decay."
    ),
]
NoiseVar = Annotated[str, typer.Option(help="Variance of the label noise.")]
Scale = Annotated[str, typer.Option(help="Largest eigenvalue.")]
WeightVar = Annotated[str, typer.Option(help="Variance of the teacher's weights, times M.")]
FeatureVar = Annotated[str, typer.Option(help="Variance of the feature weights, times M.")]


def read_model(
    alpha: str | None,
    latent_dim: str | None,
    spectrum: str | None,
    scale: str,
    noise_var: str,
    weight_var: str,
    feature_var: str,
    target_exponent: str | None = None,
) -> tuple["SolvableModel", dict[str, float]]:
    """Build the model that the options describe; return it with its inputs for the rows."""
    from eigenscale.cli.options.numbers import parse_number
    from eigenscale.model import SolvableModel

    inputs: dict[str, float] = {}
    if spectrum is None and alpha is not None:
        inputs["alpha"] = parse_number(alpha, "--alpha")
    if target_exponent is not None:
        inputs["target_exponent"] = parse_number(target_exponent, "--target-exponent")
    weights = parse_number(weight_var, "--weight-var")
    found = _spectrum(inputs, latent_dim, spectrum, scale, weights)
    model = SolvableModel(
        found,
        noise_var=parse_number(noise_var, "--noise-var"),
        weight_var=weights,
        feature_var=parse_number(feature_var, "--feature-var"),
    )
    inputs |= {"latent_dim": found.latent_dim, "noise_var": model.noise_var}
    return model, inputs


def read_spectra(
    alpha: str | None,
    latent_dim: str | None,
    spectrum: str | None,
    scale: str,
    weight_var: str,
    target_exponent: str | None = None,
) -> list[tuple[dict[str, float], Any]]:
    """Build the spectra of every combination of the lists given, with the inputs that name them."""
    from eigenscale.cli.options.numbers import parse_number, parse_numbers
    from eigenscale.model_grid import power_law_spectra

    if spectrum is not None or alpha is None or latent_dim is None:
        model, inputs = read_model(alpha, latent_dim, spectrum, scale, "0", weight_var, "1")
        return [({"latent_dim": inputs["latent_dim"]}, model.spectrum)]
    ω = None if target_exponent is None else parse_numbers(target_exponent, "--target-exponent")
    return power_law_spectra(
        parse_numbers(alpha, "--alpha"),
        parse_numbers(latent_dim, "--latent-dim"),
        ω,
        parse_number(scale, "--scale"),
        parse_number(weight_var, "--weight-var"),
    )


def _spectrum(
    inputs: dict[str, float],
    latent_dim: str | None,
    path: str | None,
    scale: str,
    weight_var: float,
) -> Any:
    from eigenscale.cli.options.numbers import parse_number
    from eigenscale.errors import InputError
    from eigenscale.spectrum import Spectrum, read_spectrum

    alpha, omega = inputs.get("alpha"), inputs.get("target_exponent")
    if path is not None:
        if not (alpha is None and latent_dim is None and omega is None):
            raise InputError(
                "--spectrum has its own eigenvalues and target; leave --alpha, --latent-dim and "
                "--target-exponent out"
            )
        return _completed(read_spectrum(path), path)
    if alpha is None or latent_dim is None:
        raise InputError("no spectrum is given; give --alpha and --latent-dim, or --spectrum FILE")
    return Spectrum.power_law(
        alpha,
        parse_number(latent_dim, "--latent-dim"),
        parse_number(scale, "--scale"),
        target_exponent=omega,
        weight_var=weight_var,
    )


def _completed(spectrum: Any, path: str) -> Any:
    """Let a power law stand in for eigenvalues that a file does not hold, and say so."""
    if spectrum.tail is None:
        return spectrum
    from eigenscale.cli.messages import warn
    from eigenscale.spectra.completion import completed

    share = 100 * spectrum.tail.power / spectrum.trace
    warn(
        f"{path} holds {spectrum.eigenvalues.size:,} of {spectrum.latent_dim:,.0f} eigenvalues; a "
        f"power law of the same power stands in for the others, {share:.2g} % of the variance: "
        "what depends on single ones of them is a guess"
    )
    return completed(spectrum)


def read_grid(features: str, samples: str, ridge: str, time: str | None = None) -> dict[str, Any]:
    """Give arguments of `SolvableModel.solve` that broadcast to features × samples × ridges.

    With a time they broadcast to features × samples × ridges × times. A ridge may be 'optimal', a
    time 'best'.
    """
    from eigenscale.cli.options.numbers import parse_numbers

    grid: dict[str, Any] = {
        "n_features": whole_numbers(features, "--features")[:, None, None],
        "n_samples": whole_numbers(samples, "--samples")[:, None],
        "ridge": ridge.strip().lower(),
    }
    if grid["ridge"] != "optimal":
        grid["ridge"] = parse_numbers(ridge, "--ridge")
    if time is None:
        return grid
    grid = {name: v if isinstance(v, str) else v[..., None] for name, v in grid.items()}
    best = time.strip().lower() == "best"
    return grid | {"time": "best" if best else parse_numbers(time, "--time")}


def whole_numbers(text: str, name: str) -> Any:
    """Numbers, of which those inside a range are rounded to whole sizes."""
    from eigenscale.cli.options.numbers import parse_numbers

    values = parse_numbers(text, name)
    return values.round() if ":" in text else values
