"""Types of the style port: the styles that requests can name."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StyleInfo:
    """A style. Its ``name`` as a style tag or in a prompt requests it, and so does each of its ``keywords``.

    Tempos are in beats per minute; ``metre`` is its usual one, such as "6/8".
    """

    key: str
    name: str
    keywords: tuple[str, ...]
    moods: tuple[str, ...]
    min_tempo_bpm: float
    usual_tempo_bpm: float
    max_tempo_bpm: float
    metre: str


class StyleLister(Protocol):
    """Lists the styles of an engine. Needs no audio code, so that server processes can call it."""

    def __call__(self) -> tuple[StyleInfo, ...]:
        """Return the styles in the order of their names; the first call loads them, in about a tenth of a second."""
