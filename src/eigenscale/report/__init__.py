"""The report: data and runs in, one self-contained page out."""

from eigenscale.report.door import report as report
