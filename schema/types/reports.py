"""What was asked for, what was delivered, and what the audio measures: side by side, so that nobody has to believe."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry


@strawberry.type(description="A number that was asked for, delivered, and measured in the audio.")
class NumberComparison:
    """From an engine's report."""

    requested: float | None = strawberry.field(description="What was asked for; null if nothing was.")
    delivered: float | None = strawberry.field(description="What was composed.")
    measured: float | None = strawberry.field(description="What the audio measures; null where it cannot be measured.")


@strawberry.type(description="How a track was asked to be, or how it is.")
class TrackProperties:
    """One side of an engine's report."""

    tempo_bpm: float | None = strawberry.field(description="Tempo, in beats per minute; null if unknown.")
    duration_seconds: float | None = strawberry.field(description="Length, in seconds; null if unknown.")
    loudness_lufs: float | None = strawberry.field(description="Integrated loudness, in LUFS; null if unknown.")
    key: str | None = strawberry.field(description="Key, as A minor; null if unknown.")
    metre: str | None = strawberry.field(description="Time signature, as 4/4; null if unknown.")

    @classmethod
    def from_report(cls, report: Mapping[str, Any], side: str) -> Self:
        """What the stored report says under ``requested`` or ``measured``."""
        names = ("tempo_bpm", "duration_seconds", "loudness_lufs", "key", "metre")
        return cls(**{name: report[name][side] for name in names})


@strawberry.type(description="A word that was asked for, delivered, and measured in the audio.")
class TextComparison:
    """From an engine's report."""

    requested: str | None = strawberry.field(description="What was asked for; null if nothing was.")
    delivered: str | None = strawberry.field(description="What was composed.")
    measured: str | None = strawberry.field(description="What the audio measures; null where it cannot be measured.")


@strawberry.type(description="A wish that was understood and only nearly met.")
class Approximation:
    """From an engine's report."""

    asked: str = strawberry.field(description="The wish, in the caller's words.")
    given: str = strawberry.field(description="What it became.")


@strawberry.type(description="How far a track is what was asked for.")
class TrackReport:
    """From an engine's report."""

    tempo_bpm: NumberComparison = strawberry.field(description="Tempo, in beats per minute.")
    duration_seconds: NumberComparison = strawberry.field(description="Length, in seconds.")
    loudness_lufs: NumberComparison = strawberry.field(description="Integrated loudness, in LUFS.")
    key: TextComparison = strawberry.field(description="Key, as A minor.")
    metre: TextComparison = strawberry.field(description="Time signature, as 4/4.")
    words_used: list[str] = strawberry.field(description="Words of the request that were followed.")
    words_approximated: list[Approximation] = strawberry.field(description="Words that were nearly followed.")
    words_ignored: list[str] = strawberry.field(description="Words that changed nothing.")
    notes: list[str] = strawberry.field(description="Anything else worth knowing, as sentences.")

    @classmethod
    def from_report(cls, report: Mapping[str, Any]) -> Self:
        """The stored report as a type."""
        return cls(
            tempo_bpm=NumberComparison(**report["tempo_bpm"]),
            duration_seconds=NumberComparison(**report["duration_seconds"]),
            loudness_lufs=NumberComparison(**report["loudness_lufs"]),
            key=TextComparison(**report["key"]),
            metre=TextComparison(**report["metre"]),
            words_used=report["words_used"],
            words_approximated=[Approximation(**pair) for pair in report["words_approximated"]],
            words_ignored=report["words_ignored"],
            notes=report["notes"],
        )
