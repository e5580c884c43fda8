"""Types of the source port: audio that music is made from, and what an engine does with it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class SourceTask(StrEnum):
    """What an engine does with source audio. The music is as long as the source."""

    COVER = "cover"
    """Play its composition in another style."""
    REPAINT = "repaint"
    """Replace a range of it and keep the rest."""
    LEGO = "lego"
    """Add an instrument that fits it."""
    EXTRACT = "extract"
    """Isolate an instrument of it."""
    COMPLETE = "complete"
    """Add the missing instruments to a single one."""


class SourcePart(StrEnum):
    """An instrument or voice that is added to source audio, or isolated from it."""

    VOCALS = "vocals"
    BACKING_VOCALS = "backing_vocals"
    DRUMS = "drums"
    BASS = "bass"
    GUITAR = "guitar"
    KEYBOARD = "keyboard"
    PERCUSSION = "percussion"
    STRINGS = "strings"
    SYNTH = "synth"
    FX = "fx"
    BRASS = "brass"
    WOODWINDS = "woodwinds"


PARTS: Final = {SourceTask.LEGO: 1, SourceTask.EXTRACT: 1, SourceTask.COMPLETE: len(SourcePart)}
"""The most parts of the tasks that need parts."""


@dataclass(frozen=True, slots=True)
class SourceAudio:
    """How an engine uses source audio of ``duration_seconds``. The file itself is handed over separately.

    ``strength`` (0 to 1) is how closely a cover follows the source. ``start_seconds`` and ``end_seconds`` are the range
    to repaint, None at the ends of the source. ``parts`` are those of a task in ``PARTS``.
    """

    task: SourceTask
    duration_seconds: float
    strength: float | None = None
    start_seconds: float | None = None
    end_seconds: float | None = None
    parts: tuple[SourcePart, ...] = ()
