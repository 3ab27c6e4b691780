"""The largest draw that is promised: N = T = 4,000 with M = 20,000 modes within 8 GB.

Run with ``python benchmarks/largest.py [N T M]``; some minutes, one thread. Prints what the sweep
says beforehand that it needs, what the process held at its peak, and the loss beside the theory's.
"""

import resource
import sys
import time

from eigenscale import SolvableModel, Spectrum
from eigenscale.model_grid import power_law_spectra, simulate_grid

if __name__ == "__main__":
    N, T, M = map(int, sys.argv[1:4]) if len(sys.argv) > 3 else (4000, 4000, 20_000)
    said = []
    begun, wall = time.process_time(), time.perf_counter()
    found = simulate_grid(power_law_spectra(0.5, M), N, T, ridge=0.1, draws=2, announce=said.append)
    row = found.table[0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    theory = SolvableModel(Spectrum.power_law(0.5, M)).loss(N, T, ridge=0.1)
    print(
        f"N {N:,}, T {T:,}, M {M:,}: {said[0] / 1e9:.3g} GB said beforehand, {peak:.3g} GB held at "
        f"the peak by the whole process; two draws in {time.process_time() - begun:.0f} CPU-s, "
        f"{time.perf_counter() - wall:.0f} s; loss {row['loss']:.6g} ± "
        f"{row['standard_error']:.2g}, theory {theory:.6g}"
    )
