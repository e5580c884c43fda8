"""Types of the prompt reading port: how an engine reads a request, without rendering it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from engines.port import Approximation, RenderRequest


class StyleOrigin(StrEnum):
    """Why a request has its style: it names it, names a similar one, or names none."""

    NAMED = "named"
    APPROXIMATED = "approximated"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class StyleReading:
    """The style of a request: ``key`` as in ``engines.studio.styles``, its ``name``, and why it was chosen."""

    key: str
    name: str
    origin: StyleOrigin


@dataclass(frozen=True, slots=True)
class InstrumentReading:
    """Names of instruments, groups, stems and pieces of drum kits.

    With ``is_exclusive`` only the included ones play; reduced ones play more quietly.
    """

    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    reduced: tuple[str, ...] = ()
    is_exclusive: bool = False


@dataclass(frozen=True, slots=True)
class PromptReading:
    """How a request is read. None and empty values were not requested.

    ``tempo_bpm`` counts felt beats. ``key`` is "A minor", "D dorian", "minor" or "E". ``transformations`` are names
    such as "bright", each with the words that requested it. ``sections`` are names in order;
    ``section_count`` is their number if only that was requested. ``progression`` has Roman numerals, with "|" between
    the bars. ``languages`` are English names; ``notes`` are sentences for the user.
    """

    style: StyleReading
    tempo_bpm: float | None = None
    key: str | None = None
    metre: str | None = None
    moods: tuple[str, ...] = ()
    instruments: InstrumentReading = InstrumentReading()
    transformations: tuple[tuple[str, str], ...] = ()
    sections: tuple[str, ...] = ()
    section_count: int | None = None
    progression: str | None = None
    length_seconds: float | None = None
    subject: str | None = None
    languages: tuple[str, ...] = ()
    words_used: tuple[str, ...] = ()
    words_approximated: tuple[Approximation, ...] = ()
    words_ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class PromptExplainer(Protocol):
    """Explains requests. Needs no audio code, so that server processes can call it."""

    def __call__(self, request: RenderRequest) -> PromptReading:
        """Return how the engine reads a request, in about ten milliseconds; the first call loads the vocabulary."""
