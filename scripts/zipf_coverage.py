"""How often the interval of Zipf's exponent holds it, of tokens strewn at random and in bursts.

400 pages of 500 tokens from 20,000 types that follow rank^-s. Each page draws its own shares from a
Dirichlet distribution around them, so that a word seen on a page is likely to be seen there again;
the less the concentration, the larger the bursts.

    python scripts/zipf_coverage.py --draws 100
"""

import argparse
import sys

import numpy as np

from eigenscale.io.formats.text import TokenCounts
from eigenscale.spectra.zipf import STRETCHES, _last, dispersion, exponent_of

TYPES, PAGES, TOKENS = 20_000, 400, 500


def counted(rng, exponent, concentration):
    """Draw one text; give its counts by stretch."""
    shares = np.arange(1.0, TYPES + 1) ** -exponent
    shares /= shares.sum()
    parts = np.zeros((STRETCHES, TYPES), dtype=np.int64)
    for page in range(PAGES):
        own = shares
        if concentration is not None:
            own = rng.gamma(np.maximum(concentration * shares, 1e-12))
        parts[page * STRETCHES // PAGES] += rng.multinomial(TOKENS, own / own.sum())
    totals = parts.sum(axis=0)
    order = np.argsort(-totals, kind="stable")[: np.count_nonzero(totals)]
    return TokenCounts(totals[order], parts[:, order][:, totals[order] >= 10])


def study(exponent, concentration, draws):
    """Exponent, whether it is held, width, last rank and φ, of each draw."""
    rng = np.random.default_rng(5)
    for _ in range(draws):
        found = counted(rng, exponent, concentration)
        phi = dispersion(found)
        last = _last(found, phi)
        got = exponent_of(found, phi, last, 0.9)
        held = got.low <= exponent <= got.high
        yield got.value, held, got.high - got.low, last, phi[last - 1]


def main():
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=100)
    draws = parser.parse_args().draws
    write = sys.stdout.write
    write("| s | concentration | φ | last rank | bias | scatter | mean width | held % |\n")
    write("|---|---|---|---|---|---|---|---|\n")
    for exponent in (0.8, 1.0, 1.2):
        for concentration in (None, 1000.0, 100.0):
            value, held, width, last, phi = np.array([*study(exponent, concentration, draws)]).T
            write(
                f"| {exponent} | {concentration or 'strewn'} | {phi.mean():.1f} "
                f"| {last.mean():.0f} | {value.mean() - exponent:+.4f} | {value.std():.4f} "
                f"| {width.mean():.3f} | {100 * held.mean():.0f} |\n"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main()
