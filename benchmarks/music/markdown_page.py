"""Markdown pages with measured tables between two markers, which a run can replace."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

BEGIN: Final = "<!-- measured: begin -->"
END: Final = "<!-- measured: end -->"


def replace_measured(page: Path, blocks: Sequence[str], name: str = "measured") -> None:
    """Replace the text between the markers of a name. Raises ValueError if the page does not contain both in order."""
    first, last = (marker.replace("measured", name) for marker in (BEGIN, END))
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise ValueError(f"{page} does not contain the markers {first} and {last}; add them around the measured tables")
    page.write_text("\n".join([before + first, "", *blocks, last + after]), encoding="utf-8")
