"""The solvable model drawn and solved: what the theory is checked against."""

from eigenscale.simulate.run import Simulation as Simulation
from eigenscale.simulate.run import simulate as simulate
