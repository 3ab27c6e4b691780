"""Reading tables and logs of training runs."""

from eigenscale.runs.container import Exclusion as Exclusion
from eigenscale.runs.container import Runs as Runs
from eigenscale.runs.read import read_runs as read_runs
