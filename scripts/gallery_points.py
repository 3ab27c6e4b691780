"""Draw the simulated points of the gallery anew and keep them beside its code.

Run with ``python scripts/gallery_points.py``: about a minute of CPU, one thread. It writes
``src/eigenscale/figures/solvable/drawn.json``, four digits of each number, and prints the CPU
seconds of every figure, with these points to be drawn and with the points taken from the file.
"""

import json
import time
from pathlib import Path

import numpy as np

from eigenscale.figures.gallery import FIGURES
from eigenscale.figures.solvable.draws import SEED, Draws

FILE = Path(__file__).parents[1] / "src/eigenscale/figures/solvable/drawn.json"


def _rounded(values):
    return np.vectorize(lambda x: float(f"{x:.4g}"), otypes=[float])(values).tolist()


def _timed(make, draws):
    begun = time.process_time()
    make(draws)
    return time.process_time() - begun


if __name__ == "__main__":
    found, seconds = {}, {}
    for name, make in FIGURES.items():
        draws = Draws(name, SEED)
        anew = _timed(make, draws)
        kept = {key: _rounded(values) for key, values in draws.taken.items()}
        found |= kept
        seconds[name] = anew, _timed(make, Draws(name, SEED, kept))
        print(f"{name:24} {anew:6.1f} CPU-s anew, {seconds[name][1]:5.1f} CPU-s with kept points",
              flush=True)  # fmt: skip
    FILE.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")
    anew, with_kept = (sum(pair[i] for pair in seconds.values()) for i in (0, 1))
    print(f"all figures: {anew:.0f} CPU-s anew, {with_kept:.0f} CPU-s with kept points, without "
          "drawing the files")  # fmt: skip
