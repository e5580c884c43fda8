"""Markdown pages with measured tables between two markers, which a run can replace."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

BEGIN: Final = "<!-- measured: begin -->"
END: Final = "<!-- measured: end -->"


def replace_measured(page: Path, blocks: Sequence[str]) -> None:
    """Replace the text between the markers. Raises ValueError if the page does not contain both in this order."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} does not contain the markers {BEGIN} and {END}; add them around the measured tables")
    page.write_text("\n".join([before + BEGIN, "", *blocks, END + after]), encoding="utf-8")
