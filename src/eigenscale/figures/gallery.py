"""The gallery: the figures by which the solvable model is told, from our own numbers.

They are the figures of the talk on Maloney, Roberts and Sully 2022 (arXiv:2210.16859), each made
anew: curves from `eigenscale.theory`, points from `eigenscale.simulation`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from eigenscale.errors import InputError
from eigenscale.figures.render.saving import save
from eigenscale.figures.solvable import descent as gallery_descent
from eigenscale.figures.solvable import losses as gallery_losses
from eigenscale.figures.solvable import noise as gallery_noise
from eigenscale.figures.solvable import regimes as gallery_regimes
from eigenscale.figures.solvable import scales as gallery_scales
from eigenscale.figures.solvable import spectra as gallery_spectra
from eigenscale.figures.solvable import time as gallery_time
from eigenscale.figures.solvable.draws import SEED, Draws, known_draws
from eigenscale.figures.spec import Figure
from eigenscale.progress import Progress, track
from eigenscale.text.lines import choices
from eigenscale.writing import whole_folder

FIGURES: dict[str, Callable[[Draws], Figure]] = {
    "spectrum-samples": gallery_spectra.samples,
    "spectrum-inputs": gallery_spectra.inputs,
    "spectrum-linear-map": gallery_spectra.linear_map,
    "spectrum-relu-map": gallery_spectra.relu_map,
    "spectrum-real": gallery_noise.real_spectra,
    "gaussian-noise": gallery_noise.gaussian_noise,
    "pca-gap": gallery_noise.pca_gap,
    "dimensions": gallery_scales.dimensions,
    "structures": gallery_descent.structures,
    "loss-features": gallery_losses.features,
    "loss-samples": gallery_losses.samples,
    "loss-latent-dimension": gallery_losses.latent_dimension,
    "double-descent": gallery_losses.double_descent,
    "iso-loss": gallery_losses.iso_loss_lines,
    "regimes": gallery_regimes.regimes,
    "simple-law": gallery_regimes.simple_law,
    "loss-time": gallery_time.loss_in_time,
    "loss-three-scales": gallery_scales.three_scales,
    "modes-time": gallery_time.modes_in_time,
    "compute-frontier": gallery_time.frontier_of_compute,
    "sgd": gallery_descent.descent,
    "baselines": gallery_scales.baselines,
}
"""The figures by name."""


def gallery(
    output: str | Path,
    *,
    figures: Sequence[str] | None = None,
    formats: tuple[str, ...] = ("png", "svg"),
    rng: int = SEED,
    recompute: bool = False,
    progress: Progress | None = None,
) -> list[Figure]:
    """Draw every figure into a folder, whole or not at all.

    Parameters
    ----------
    output : str or Path
        Folder; files are named after the figures.
    figures : sequence of str, optional
        Names of those to draw, keys of `FIGURES`; all by default.
    formats : tuple of str
        Endings: png, svg, pdf, html.
    rng : int
        Seed; each figure has draws of its own.
    recompute : bool
        Draw all simulated points anew. Those of the default seed come with the gallery otherwise,
        see `eigenscale.figures.solvable.draws`.

    Returns
    -------
    list of Figure
        What was drawn.

    Raises
    ------
    InputError
        Where the folder cannot be written, or an ending or a name is unknown.
    """
    unknown = sorted(set(figures or ()) - set(FIGURES))
    if unknown:
        raise InputError(f"figure {unknown[0]!r} is not known; use {choices(unknown[0], FIGURES)}")
    drawn = []
    with whole_folder(output) as folder:
        wanted = [pair for pair in FIGURES.items() if figures is None or pair[0] in figures]
        kept = known_draws() if rng == SEED and not recompute else None
        for name, make in track(wanted, len(wanted), progress):
            figure = make(Draws(name, rng, kept))
            for ending in formats:
                save(figure, folder / f"{figure.name}.{ending}")
            drawn.append(figure)
        (folder / "captions.md").write_text(_captions(drawn, formats), encoding="utf-8")
    return drawn


def _captions(figures: list[Figure], formats: tuple[str, ...]) -> str:
    """Titles, figures and captions as Markdown."""
    parts = ["# Gallery of the solvable model\n"]
    for figure in figures:
        shown = [f"![{figure.alt}]({figure.name}.{e})\n" for e in formats if e in ("png", "svg")]
        parts += [f"## {figure.title}\n", *shown[:1], f"{figure.caption}\n"]
    return "\n".join(parts)
