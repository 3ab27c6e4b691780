"""Laws fitted to training runs, and laws that others have published."""

from eigenscale.laws.approaches import approaches as approaches
from eigenscale.laws.artefact import load_fit as load_fit
from eigenscale.laws.artefact import save_fit as save_fit
from eigenscale.laws.base import Law as Law
from eigenscale.laws.blend import Blend as Blend
from eigenscale.laws.blend import blend as blend
from eigenscale.laws.compare import Comparison as Comparison
from eigenscale.laws.compare import compare as compare
from eigenscale.laws.constants import PublishedLaw as PublishedLaw
from eigenscale.laws.constants import published as published
from eigenscale.laws.constants import published_names as published_names
from eigenscale.laws.custom import custom as custom
from eigenscale.laws.envelope import envelope as envelope
from eigenscale.laws.fit import fit as fit
from eigenscale.laws.isoflop import isoflop as isoflop
from eigenscale.laws.multiplier import multiplier as multiplier
from eigenscale.laws.registry import get as get
from eigenscale.laws.registry import names as names
from eigenscale.laws.result import LawFit as LawFit
from eigenscale.laws.table import tabulate as tabulate
