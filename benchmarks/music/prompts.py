"""The prompts of the benchmark and their requirements, from prompts.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engines.studio.styles import STYLES

LIST: Final = Path(__file__).with_name("prompts.toml")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt and its requirements.

    ``style`` groups the report. ``tempo``, ``key``, ``present`` and ``absent`` (stems or names of instruments) are
    checked if they are set. ``pole`` is "calm" or "energetic" for the two prompts of a ``pair``.
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
    """Load all prompts, in the order of the file."""
    table: dict[str, list[dict[str, Any]]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(prompt(row) for row in table["prompt"])


def plain() -> tuple[Prompt, ...]:
    """Return one prompt for each style, which is only its name."""
    return tuple(Prompt(style.name, style.name.lower()) for style in STYLES.values())


def prompt(row: dict[str, Any]) -> Prompt:
    """Build a prompt from a row of a TOML file."""
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return Prompt(**fields)
