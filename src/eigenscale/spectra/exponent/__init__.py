"""The exponent of a measured spectrum, in three ways, and whether it is a power law at all."""
