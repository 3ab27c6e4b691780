"""What commands write on stderr."""

import sys

from eigenscale.text.lines import one_line


def warn(message: str) -> None:
    """One line on stderr."""
    sys.stderr.write(f"warning: {one_line(message)}\n")
