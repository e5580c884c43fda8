"""Tables, printed to a terminal or as markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table as Grid


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a title and a legend."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """Return the table in GitHub-flavoured markdown."""
        lines = [f"### {self.title}", "", *([self.note, ""] if self.note else [])]
        if self.rows:
            lines += [_line(self.columns), _line(["---"] * len(self.columns)), *(_line(row) for row in self.rows), ""]
        return "\n".join(lines)

    def show(self, console: Console) -> None:
        """Print the table to a terminal."""
        grid = Grid(title=self.title, caption=self.note, title_justify="left", caption_justify="left")
        for column in self.columns:
            grid.add_column(column)
        for row in self.rows:
            grid.add_row(*(f"[bold red]{cell[2:-2]}[/]" if cell.startswith("**") else cell for cell in row))
        console.print(grid)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def number(value: float) -> str:
    """Format with three significant digits."""
    size = abs(value)
    if size >= 100:
        return f"{value:.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 1 or value == 0 else f"{value:.3f}".rstrip("0").rstrip(".") or "0"


def percent(share: float) -> str:
    """Format a share as whole percent."""
    return f"{100 * share:.0f} %"
