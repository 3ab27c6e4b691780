"""Options of commands that draw and write tables: one spelling for all of them."""

import typer

PLOT_HELP = "Draw to FILE (.png, .svg, .pdf, .html)."
CSV_HELP = "Write the rows to FILE (.csv or .parquet)."
STYLE_HELP = "paper, page or slide (16:9, the answer as title)."

PLOT = typer.Option(None, help=PLOT_HELP)
CSV = typer.Option(None, help=CSV_HELP)
STYLE = typer.Option("paper", "--figure-style", help=STYLE_HELP)
