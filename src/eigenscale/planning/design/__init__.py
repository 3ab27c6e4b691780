"""Which runs to train: those that narrow the interval most, and IsoFLOP sweeps."""
