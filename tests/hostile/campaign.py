"""Make the campaign: python tests/hostile/campaign.py [--calls N] [--from K] [--only TEXT]."""

import argparse
import collections
import os
import tempfile
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import calls
import files
import server


def main() -> int:
    """Run the calls and print every fault; 1 where there is any."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--calls", type=int, default=None, help="how many, of all, in mixed order")
    asked.add_argument("--from", type=int, default=0, dest="first", help="leave out the first K")
    asked.add_argument("--only", default="", help="calls whose description holds this text")
    options = asked.parse_args()
    codes: collections.Counter[int] = collections.Counter()
    faults = 0
    with tempfile.TemporaryDirectory() as place:
        good = Path(place)
        files.write(good)
        every = [one for one in calls.every_call(good) if options.only in one.tried]
        last = None if options.calls is None else options.first + options.calls
        for outcome in server.run(every[options.first : last], good):
            codes[outcome.code] += 1
            if outcome.fault:
                faults += 1
                print(f"{outcome.call.tried}\n    {outcome.fault}", flush=True)
    print(f"{sum(codes.values())} calls of {len(every)}; exit codes {dict(codes)}; {faults} faults")
    return int(faults > 0)


if __name__ == "__main__":
    raise SystemExit(main())
