"""Reading data: every format as blocks of rows, and targets beside them. No pickles."""

from eigenscale.data.columns import settle
from eigenscale.data.opening import open_source
from eigenscale.data.source import Source
from eigenscale.data.targets import Target, as_target

__all__ = ["Source", "Target", "as_target", "open_source", "settle"]
