"""One certified problem per law: exact tables from known constants."""

import numpy as np
import pytest

# Constants of the size that the field meets, in the order of parameters.
CONSTANTS = {
    "power:tokens": [1.7, 300.0, 0.25],
    "power:params": [0.02, 5.0, 0.31],
    "power-no-floor:flops": [40.0, 0.06],
    "compute": [1.5, 60.0, 0.1],
    "compute-no-floor": [40.0, 0.06],
    "broken:tokens": [0.5, 60.0, 0.15, 3e10, 0.25, 0.4],
    "broken-2:tokens": [0.3, 40.0, 0.1, 5e9, 0.2, 0.4, 2e11, -0.15, 0.3],
    "broken-3:tokens": [0.1, 40.0, 0.15, 4e9, 0.2, 0.2, 3e10, -0.12, 0.2, 2.5e11, 0.2, 0.2],
    "saturating:tokens": [1.6, 11.0, 900.0, 0.32, 0.7],
    "chinchilla": [1.69, 406.4, 410.7, 0.34, 0.28],
    "chinchilla-tied": [1.8, 520.0, 1500.0, 0.35],
    "generalised": [1.5, 900.0, 2500.0, 0.4, 0.45, 0.7],
    "kaplan": [6.4e13, 1.8e13, 0.076, 0.103],
    "solvable": [0.01, 2000.0, 0.45],
    "solvable-latent": [0.01, 2000.0, 3e10, 0.45],
    "over-training": [1.5, 150.0, 260.0, 0.13],
    "data-constrained": [1.87, 521.0, 1488.0, 0.35, 0.36, 15.4, 5.3],
    "steps": [6.5e13, 2.1e3, 0.077, 0.76],
    "accuracy": [0.25, 0.85, 2.6, 0.2],
}


def points(law, side=None):
    """A full grid of the law's inputs."""
    ranges = {
        "params": (1e7, 1e10),
        "tokens": (1e9, 1e12),
        "flops": (1e17, 1e22),
        "unique_tokens": (3e8, 3e10),
        "steps": (1e3, 1e6),
        "loss": (1.5, 4.0),
    }
    if law.name == "solvable-latent":
        ranges["tokens"] = (1e8, 1e10)
    side = side or {1: 60 if law.name.startswith("broken-") else 30, 2: 6, 3: 5}[len(law.inputs)]
    axes = [np.geomspace(*ranges[name], side) for name in law.inputs]
    grid = [axis.ravel() for axis in np.meshgrid(*axes)]
    inputs = dict(zip(law.inputs, grid, strict=True))
    if "unique_tokens" in inputs:
        inputs["unique_tokens"] = np.minimum(inputs["unique_tokens"], inputs["tokens"])
    return inputs


@pytest.fixture(scope="session")
def certified():
    """`certified(name) -> (law, theta, runs)` with an exact table."""
    from eigenscale.laws.registry import get

    def make(name, side=None):
        law = get(name)
        theta = np.array(CONSTANTS[name])
        inputs = points(law, side)
        return law, theta, {**inputs, law.label: law.predict(theta, **inputs)}

    return make


def pytest_generate_tests(metafunc):
    if "law_name" in metafunc.fixturenames:
        metafunc.parametrize("law_name", list(CONSTANTS))
