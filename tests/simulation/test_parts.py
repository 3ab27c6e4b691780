"""Bias, training loss and learned fractions against a simulation of nothing but regression."""

import numpy as np
import pytest

from eigenscale import SolvableModel, Spectrum

SPECTRUM = Spectrum.power_law(0.5, 120)
NOISE, RIDGE = 2e-3, 0.02


def regress(N, T, teacher, rng):
    """Effective weights of one student, and its half mean squared error on its noisy labels."""
    M = SPECTRUM.eigenvalues.size
    x = np.sqrt(SPECTRUM.eigenvalues)[:, None] * rng.standard_normal((M, T))
    u = rng.standard_normal((N, M)) / M**0.5
    labels = teacher @ x + NOISE**0.5 * rng.standard_normal(T)
    phi = u @ x
    theta = labels @ phi.T @ np.linalg.inv(phi @ phi.T + RIDGE * np.eye(N))
    return theta @ u, 0.5 * np.mean((theta @ phi - labels) ** 2)


@pytest.mark.parametrize(("N", "T"), [(60, 90), (90, 60)])
def test_the_mean_student_has_the_learned_fractions_and_the_training_loss(N, T):
    rng = np.random.default_rng(1)
    model = SolvableModel(SPECTRUM, noise_var=NOISE)
    solution = model.solve(N, T, ridge=RIDGE)
    learned = model.learned_fraction(N, T, ridge=RIDGE)
    # Fractions of single modes scatter widely; means over groups of modes less.
    groups = np.split(np.arange(120), [1, 3, 10, 40])
    students, train = [], []
    for _ in range(400):
        teacher = rng.choice([-1.0, 1.0], 120) / 120**0.5
        weights, error = regress(N, T, teacher, rng)
        students.append([(weights / teacher)[group].mean() for group in groups])
        train.append(error)
    spread = np.std(train) / 20
    assert abs(np.mean(train) - solution.train_loss) < 4 * spread + solution.train_loss / N
    expected = np.array([learned[group].mean() for group in groups])
    spread = np.std(students, axis=0) / 20
    assert (spread < [0.01, 0.01, 0.01, 0.02, 0.04]).all()
    assert (np.abs(np.mean(students, axis=0) - expected) < 4 * spread + expected / N).all()
    bias = 0.5 * SPECTRUM.power() @ (1 - learned) ** 2
    assert solution.bias == pytest.approx(bias, rel=1e-12)
