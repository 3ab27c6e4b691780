"""What is learned of each mode by a time: modes come in the order of their eigenvalues."""

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.equation.continuation import follow
from eigenscale.equation.modes import blocks, modes_of
from eigenscale.spectrum import Spectrum
from eigenscale.theory.training.contour import talbot
from eigenscale.theory.training.pairs import fractions
from eigenscale.theory.training.paths import NEVER, flow_path, with_decay


def learned_in_time(
    spectrum: Spectrum,
    n_features: ArrayLike,
    n_samples: ArrayLike,
    time: ArrayLike,
    *,
    decay: ArrayLike = 0.0,
) -> Floats:
    """Give the fraction of the teacher that the mean student has by `time`, mode by mode.

    It is ``Re Σ a_i λ_J/(λ_J + g_i)`` over the nodes of a contour; ``1 - e^(-λ_J t)`` for infinite
    sizes. The numerical error is about 1e-10.

    Parameters
    ----------
    spectrum, n_features, n_samples, decay
        As in `eigenscale.theory.training.flow.timed_loss`.
    time : array_like
        t, at least 0 and finite; nothing is learned by 0.

    Returns
    -------
    array, shape (*broadcast, n)
        For the n eigenvalues of the spectrum.

    Examples
    --------
    >>> spectrum = Spectrum.from_eigenvalues([1.0, 0.1])
    >>> learned_in_time(spectrum, np.inf, np.inf, 1.0).round(6)
    array([0.632121, 0.095163])
    """
    arrays = (n_features, n_samples, time, decay)
    N, T, t, zeta = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in arrays))
    flat = [x.ravel() for x in (N, T, t, zeta)]
    modes = modes_of(spectrum)
    logs = np.log(modes.values)
    contour = talbot(20)
    out = np.zeros((N.size, spectrum.eigenvalues.size))
    trained = np.flatnonzero(flat[2] > NEVER)
    for some in blocks(trained.size, logs.size * contour.nodes.size):
        part = trained[some]
        n, samples, times, ridge = (x[part] for x in flat)
        path = with_decay(flow_path(contour, times), ridge)
        root = follow(spectrum, n, samples, path.log_zeta)
        learned = fractions(logs, root.log_g)[0]
        out[part, : logs.size] = np.einsum("pk,pkn->pn", path.weights, learned).real
    return out.reshape(*N.shape, -1)
