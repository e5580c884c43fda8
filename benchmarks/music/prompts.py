"""The prompts of the benchmark and what each of them asks for; the list stands in prompts.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

LIST: Final = Path(__file__).with_name("prompts.toml")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request and what must come of it.

    ``style`` groups the report. ``tempo``, ``key``, ``present`` and ``absent`` (stems, or names of instruments) are
    checked where they are given. ``calm`` or ``energetic`` in ``pole`` joins the two prompts of one ``pair``.
    """

    style: str
    text: str
    tempo: float | None = None
    key: str | None = None
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    pair: str | None = None
    pole: str | None = None


def load(path: Path = LIST) -> tuple[Prompt, ...]:
    """All prompts, in the order of the file."""
    table: dict[str, list[dict[str, Any]]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(_prompt(row) for row in table["prompt"])


def _prompt(row: dict[str, Any]) -> Prompt:
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return Prompt(**fields)
