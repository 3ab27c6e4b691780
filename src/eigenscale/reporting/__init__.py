"""The report: data and runs in, one self-contained page out."""
