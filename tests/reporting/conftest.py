"""Reports to look at: the bundled example, and one whose every name tries to break out."""

import csv

import numpy as np
import pytest

from eigenscale.reporting.report import report

NASTY = "<img src=x onerror=alert(1)>&</script>"


@pytest.fixture(scope="session")
def example_page(tmp_path_factory):
    return report(tmp_path_factory.mktemp("example") / "report")


@pytest.fixture(scope="session")
def nasty_page(tmp_path_factory):
    """A page from files and columns with hostile names: `/` cannot be in a file name."""
    folder = tmp_path_factory.mktemp("nasty")
    runs = folder / f"{NASTY.replace('/', '')}.csv"
    rng = np.random.default_rng(0)
    with runs.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["params", "tokens", "loss", "name", NASTY])
        for size in (1e6, 1e7, 1e8):
            for data in (1e8, 1e9, 1e10, 1e11):
                loss = 1.7 + 400 / size**0.34 + 410 / data**0.28 + 0.01 * rng.normal()
                table.writerow([size, data, loss, NASTY, 1.0])
    data = folder / f"{NASTY.replace('/', '')}.npy"
    np.save(data, rng.normal(size=(400, 12)) * np.arange(1, 13) ** -0.75)
    return report(folder / "report", runs, data)
