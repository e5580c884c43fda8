"""Pages that hold measured tables between two marks, so that a run can renew them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

BEGIN: Final = "<!-- measured: begin -->"
END: Final = "<!-- measured: end -->"


def replace_measured(page: Path, blocks: Sequence[str]) -> None:
    """Replaces what stands between the marks. Raises ValueError when the page does not have both, in order."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} lacks the marks {BEGIN} and {END}.")
    page.write_text("\n".join([before + BEGIN, "", *blocks, END + after]), encoding="utf-8")
