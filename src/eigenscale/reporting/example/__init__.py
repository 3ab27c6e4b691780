"""The bundled example: real images, and real students trained on them.

`RUNS` is a table of training runs that ``scripts/example_runs.py`` measured; ``README.md``
beside it says what each column holds.
"""

from pathlib import Path

RUNS = Path(__file__).parent / "photographs.csv"
DIGITS_RUNS = Path(__file__).parent / "digits.csv"
