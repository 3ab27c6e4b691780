"""Help in panels: options grouped by what they are about, each group with an example."""

from typing import Any, ClassVar, NamedTuple

from typer.core import TyperCommand


class Panel(NamedTuple):
    """A group of options: its title, an example, and the names of its options."""

    title: str
    example: str
    names: tuple[str, ...]


class PanelledCommand(TyperCommand):
    """A command whose help lists its options by panels; those in none come last."""

    panels: ClassVar[tuple[Panel, ...]] = ()

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write one section for each panel, its example first."""
        records = {
            option.name: record
            for option in self.get_params(ctx)
            if (record := option.get_help_record(ctx)) is not None
        }
        placed: set[str | None] = set()
        for panel in self.panels:
            rows = [records[name] for name in panel.names if name in records]
            placed |= set(panel.names)
            with formatter.section(panel.title):
                formatter.write_text(panel.example)
                formatter.write_dl(rows)
        rest = [record for name, record in records.items() if name not in placed]
        if rest:
            with formatter.section("Other options"):
                formatter.write_dl(rest)


PLAN = (
    Panel(
        "The law that the plan stands on",
        "eigenscale plan runs.csv --flops 1e22 --law all",
        ("runs", "constants", "law", "bootstrap", "resampling", "level", "seed", "columns",
         "units", "where", "drop_flagged", "drop_highest", "alpha", "latent_dim", "spectrum",
         "ridge", "noise_var"),
    ),
    Panel(
        "What is given: budget, limits, data, serving",
        "eigenscale plan runs.csv --flops 1e22,1e23 --unique-tokens 1e11",
        ("flops", "money", "hours", "target_loss", "params", "tokens", "max_params",
         "max_tokens", "unique_tokens", "inference_tokens"),
    ),
    Panel(
        "What it costs, and whether it pays",
        "eigenscale plan runs.csv --flops 1e22 --device h100 --price 2 --value 1e7",
        ("device", "devices", "utilization", "price", "watts", "in_memory", "serving_price",
         "serving_utilization", "value"),
    ),
    Panel(
        "What to train next",
        "eigenscale plan runs.csv --flops 1e23 --next-cost 1e21 --write hf:configs",
        ("next_cost", "next_count", "next_sizes", "next_goal", "next_rival", "with_ladder",
         "ladder_share", "sweep", "write", "finished"),
    ),
    Panel(
        "What would change the answer, and where it goes",
        "eigenscale plan runs.csv --flops 1e23 --scenario few:unique_tokens=1e10",
        ("scenario", "sensitivity", "neighbour", "details", "plot", "figure", "figure_style",
         "csv", "as_json"),
    ),
)  # fmt: skip


class PlanCommand(PanelledCommand):
    """The help of `eigenscale plan`."""

    panels = PLAN
