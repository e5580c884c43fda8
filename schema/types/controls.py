"""Explicit musical properties beside a prompt."""

import strawberry

from engines import port
from resolvers.generations.controls import MAX_INSTRUMENTS, MAX_NEGATIVE_PROMPT_LENGTH, MAX_SECTIONS
from schema.limits.field_costs import ListSize
from schema.runtime.row_types import RowBacked, row_backed

_INSTRUMENTS = [ListSize(assumed_size=MAX_INSTRUMENTS)]


@strawberry.input(description=f"Instruments by their names in any language of prompts, up to {MAX_INSTRUMENTS} each.")
class InstrumentSelectionInput:
    include: list[str] | None = strawberry.field(default=None, description="Instruments that must play.")
    exclude: list[str] | None = strawberry.field(default=None, description="Instruments that must not play.")
    only: list[str] | None = strawberry.field(default=None, description="Instruments that play alone.")


@strawberry.input(description="Explicit musical properties. They take precedence over the words of the prompt.")
class ControlsInput:
    tempo_bpm: float | None = strawberry.field(
        default=None, description="The tempo, in beats per minute, within the range of the engine."
    )
    key: str | None = strawberry.field(
        default=None, description="The key: a note and a mode of the engine, such as C# minor, Bb or Gm."
    )
    metre: str | None = strawberry.field(
        default=None, description="The time signature, one of those of the engine, such as 6/8."
    )
    negative_prompt: str | None = strawberry.field(
        default=None, description=f"What to avoid, up to {MAX_NEGATIVE_PROMPT_LENGTH} characters: drums, reverb."
    )
    instruments: InstrumentSelectionInput | None = strawberry.field(default=None, description="Instruments.")
    structure: list[str] | None = strawberry.field(
        default=None, description=f"Names of the sections in order, up to {MAX_SECTIONS}: intro, verse, chorus."
    )
    intensity: float | None = strawberry.field(
        default=None, description="The intensity, from 0.0 to 1.0. 0.5 is usual in the style."
    )
    density: float | None = strawberry.field(
        default=None, description="The density, from 0.0 (sparse) to 1.0 (busy). 0.5 is usual in the style."
    )
    brightness: float | None = strawberry.field(
        default=None, description="The brightness, from 0.0 (dark) to 1.0 (bright). 0.5 is usual in the style."
    )


@row_backed(
    include=lambda selection: list(selection.row.include),
    exclude=lambda selection: list(selection.row.exclude),
    only=lambda selection: list(selection.row.only),
)
@strawberry.type(description="Requested instruments.")
class InstrumentSelection(RowBacked[port.Controls]):
    include: list[str] = strawberry.field(directives=_INSTRUMENTS, description="Instruments that must play.")
    exclude: list[str] = strawberry.field(directives=_INSTRUMENTS, description="Instruments that must not play.")
    only: list[str] = strawberry.field(directives=_INSTRUMENTS, description="Instruments that play alone.")


@row_backed(
    instruments=lambda controls: InstrumentSelection.from_row(controls.row),
    structure=lambda controls: list(controls.row.structure),
)
@strawberry.type(description="Explicit musical properties of a request.")
class GenerationControls(RowBacked[port.Controls]):
    tempo_bpm: float | None = strawberry.field(description="The requested tempo, in beats per minute.")
    key: str | None = strawberry.field(description="The requested key, such as C# minor.")
    metre: str | None = strawberry.field(description="The requested time signature, such as 6/8.")
    negative_prompt: str | None = strawberry.field(description="What to avoid.")
    instruments: InstrumentSelection = strawberry.field(description="The requested instruments.")
    structure: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=MAX_SECTIONS)], description="The names of the requested sections, in order."
    )
    intensity: float | None = strawberry.field(description="The requested intensity, from 0.0 to 1.0.")
    density: float | None = strawberry.field(description="The requested density, from 0.0 (sparse) to 1.0 (busy).")
    brightness: float | None = strawberry.field(description="The requested brightness, from 0.0 to 1.0 (bright).")


@row_backed(
    modes=lambda ranges: list(ranges.row.modes),
    metres=lambda ranges: list(ranges.row.metres),
)
@strawberry.type(description="The explicit musical properties that an engine can meet.")
class ControlRanges(RowBacked[port.ControlRanges]):
    min_tempo_bpm: float = strawberry.field(description="The slowest tempo, in beats per minute.")
    max_tempo_bpm: float = strawberry.field(description="The fastest tempo, in beats per minute.")
    modes: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=20)], description="The modes of its keys, such as minor or dorian."
    )
    metres: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=20)], description="Its time signatures, such as 6/8."
    )
