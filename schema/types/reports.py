"""Track reports: requested, composed and measured values side by side."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from engines import remarks
from engines.remarks import RemarkCode
from schema.limits.field_costs import ListSize
from schema.runtime.row_types import RowBacked, row_backed
from schema.types.capabilities import FIELDS, FieldSupport


@strawberry.type(description="A number as requested, composed and measured in the audio.")
class NumberComparison:
    requested: float | None = strawberry.field(description="The requested value, or null if none was requested.")
    delivered: float | None = strawberry.field(description="The composed value.")
    measured: float | None = strawberry.field(description="The measured value, or null if it cannot be measured.")


@strawberry.type(description="Musical properties of a track, either requested or measured.")
class TrackProperties:
    tempo_bpm: float | None = strawberry.field(description="The tempo in beats per minute, or null if unknown.")
    duration_seconds: float | None = strawberry.field(description="The duration in seconds, or null if unknown.")
    loudness_lufs: float | None = strawberry.field(description="The integrated loudness in LUFS, or null if unknown.")
    key: str | None = strawberry.field(description="The key, such as A minor, or null if unknown.")
    metre: str | None = strawberry.field(description="The time signature, such as 4/4, or null if unknown.")

    @classmethod
    def from_report(cls, report: Mapping[str, Any], side: str) -> Self:
        """Take one side of a stored report: ``requested`` or ``measured``."""
        names = ("tempo_bpm", "duration_seconds", "loudness_lufs", "key", "metre")
        return cls(**{name: report[name][side] for name in names})


@strawberry.type(description="A text value as requested, composed and measured in the audio.")
class TextComparison:
    requested: str | None = strawberry.field(description="The requested value, or null if none was requested.")
    delivered: str | None = strawberry.field(description="The composed value.")
    measured: str | None = strawberry.field(description="The measured value, or null if it cannot be measured.")


@strawberry.type(description="A requirement of the prompt that was met approximately.")
class Approximation:
    asked: str = strawberry.field(description="The requirement, in the words of the prompt.")
    given: str = strawberry.field(description="What was composed instead.")


@row_backed(words=lambda remark: list(remark.row.words))
@strawberry.type(description="A remark of the engine on a request, with a code by which clients translate it.")
class Remark(RowBacked[remarks.Remark]):
    code: RemarkCode = strawberry.field(description="What the remark is about.")
    text: str = strawberry.field(description="The sentence in English.")
    words: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=2)],
        description="The words in the places of the code's sentence, in their order. They may be in English.",
    )

    @classmethod
    def from_text(cls, text: str) -> Self:
        return cls.from_row(remarks.read(text))


@strawberry.type(description="An audible instrument of a track.")
class InstrumentUse:
    name: str = strawberry.field(description="The name of the instrument.")
    stem: str = strawberry.field(description="The name of the stem that it plays in.")
    starts_at_seconds: float = strawberry.field(description="The time of its first note, in seconds.")
    share: float = strawberry.field(description="The share of the track in which it plays, from 0.0 to 1.0.")

    @classmethod
    def from_report(cls, use: Mapping[str, Any]) -> Self:
        return cls(name=use["name"], stem=use["stem"], starts_at_seconds=use["starts_at"] / 1000, share=use["share"])


@strawberry.type(description="How well a track matches its request.")
class TrackReport:
    tempo_bpm: NumberComparison = strawberry.field(description="The tempo, in beats per minute.")
    duration_seconds: NumberComparison = strawberry.field(description="The duration, in seconds.")
    loudness_lufs: NumberComparison = strawberry.field(description="The integrated loudness, in LUFS.")
    key: TextComparison = strawberry.field(description="The key, such as A minor.")
    metre: TextComparison = strawberry.field(description="The time signature, such as 4/4.")
    words_used: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=50)], description="Words of the prompt that were followed."
    )
    words_approximated: list[Approximation] = strawberry.field(
        directives=[ListSize(assumed_size=50)], description="Words that were followed approximately."
    )
    words_ignored: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=50)], description="Words of the prompt that had no effect."
    )
    notes: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=50)], description="Further remarks, as sentences."
    )
    remarks: list[Remark] = strawberry.field(
        directives=[ListSize(assumed_size=50)], description="The notes with their codes."
    )
    instruments: list[InstrumentUse] | None = strawberry.field(
        directives=[ListSize(assumed_size=20)],
        description="The audible instruments in the order of their first notes, or null in reports of older engines.",
    )
    field_support: list[FieldSupport] | None = strawberry.field(
        directives=FIELDS,
        description="What the engine did with each field of the request, or null in reports of older versions.",
    )

    @classmethod
    def from_report(cls, report: Mapping[str, Any]) -> Self:
        uses, supports = report.get("instruments"), report.get("field_support")
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
            remarks=list(map(Remark.from_text, report["notes"])),
            instruments=None if uses is None else list(map(InstrumentUse.from_report, uses)),
            field_support=None if supports is None else FieldSupport.from_report(supports),
        )
