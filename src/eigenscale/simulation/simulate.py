"""Simulate the solvable model: the mean loss over draws with its standard error."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.progress import Progress
from eigenscale.simulation.draws import as_seed
from eigenscale.simulation.maps import LatentMap
from eigenscale.simulation.problem import Modes, Precision
from eigenscale.simulation.request import answer, ask
from eigenscale.simulation.result import Simulation
from eigenscale.simulation.sampled import TEST_SAMPLES
from eigenscale.spectrum import Spectrum


def simulate(
    spectrum: Spectrum,
    n_features: ArrayLike,
    n_samples: ArrayLike,
    *,
    ridge: ArrayLike = 0.0,
    time: ArrayLike | None = None,
    noise_var: ArrayLike = 0.0,
    weight_var: float = 1.0,
    feature_var: float = 1.0,
    draws: int = 64,
    rng: int | np.random.Generator | None = None,
    normalise: bool = False,
    latent_map: str | Callable[[Floats], Any] | None = None,
    target_map: str | Callable[[Floats], Any] | None = None,
    test_samples: int = TEST_SAMPLES,
    precision: Precision = "float64",
    device: str | None = None,
    store: str | Path | None = None,
    engine: Any = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Draw data and features, solve for the student, and average its exact test loss.

    One decomposition of a draw gives every ridge, time and noise variance. A draw's random numbers
    follow from the seed and the sizes alone, so that a point has the same numbers on any grid,
    engine and number of processes.

    Parameters
    ----------
    spectrum : Spectrum
        With whole multiplicities and at most 20,000 modes.
    n_features, n_samples : array_like of int
        N and T, at least 1; they broadcast with each other and with what follows.
    ridge : array_like
        γ, added to φφᵀ (a sum over samples, not a mean).
    time : array_like, optional
        Train by gradient flow for this time, in units of 1/λ, and not to the end; the ridge is
        then weight decay. See `eigenscale.theory.training.flow`.
    noise_var : array_like
        Variance of label noise; what the spectrum leaves unexplained is added to it.
    weight_var, feature_var : float
        Variances of teacher weights and feature weights.
    draws : int
        Number of draws, at least 2.
    rng : int or Generator
        Seed; the same seed gives the same bits.
    normalise : bool
        Divide by the loss of an untrained student, ½ Σ v_J².
    latent_map : str or callable, optional
        Nonlinear features: ``"relu"``, ``"tanh"``, ``"erf"``, ``"gelu"``, ``"quadratic"``, …,
        ``"relu:2"`` with two layers, ``"module:function"`` or a function of an array.
    target_map : str or callable, optional
        A nonlinear target, likewise: linear in 512 random features of this map, with the same
        power in all as the modes have. By default the target is linear in the modes.
    test_samples : int
        Test points of each draw, for nonlinear features; linear ones need none.
    precision : {"float64", "float32"}
        Of random numbers and of products over modes.
    device : str, optional
        Of torch, as ``"cuda"`` or ``"torch"`` (its CPU), for linear features; by default NumPy.
    store : path, optional
        SQLite file in which results are found and kept, each as soon as it is there: a call that
        was stopped goes on from it, and several processes may share it.
    engine, jobs
        Where to run, see `eigenscale.engines.run_tasks`.
    progress : callable, optional
        Called with the work done and the work in all.

    Raises
    ------
    InputError
        Where a value breaks its rule, or the memory does not suffice.

    Examples
    --------
    >>> spectrum = Spectrum.power_law(0.5, 40)
    >>> simulate(spectrum, 10, 20, ridge=0.01, draws=8, rng=0).draws
    8
    >>> simulate(spectrum, 10, [20, 40], ridge=0.01, draws=8, rng=0).loss.shape
    (2,)
    """
    asked = ask(
        Modes.of(spectrum, weight_var),
        n_features,
        n_samples,
        ridge=ridge,
        time=time,
        noise_var=noise_var,
        unexplained=spectrum.unexplained,
        feature_var=feature_var,
        draws=draws,
        seed=as_seed(rng),
        normalise=normalise,
        latent_map=LatentMap.of(latent_map),
        target_map=LatentMap.of(target_map),
        test_samples=test_samples,
        precision=precision,
        device=device,
    )
    (found,) = answer([asked], store=store, engine=engine, jobs=jobs, progress=progress)
    return found
