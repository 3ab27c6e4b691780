"""How to train one model: which schedule, how long, and which of several running runs to keep."""
