"""The score of a track: chords, sections and a MIDI file."""

import strawberry


@strawberry.type(description="A chord of a track.")
class Chord:
    start_ms: int = strawberry.field(description="The start, in milliseconds from the start of the track.")
    end_ms: int = strawberry.field(description="The end, in milliseconds from the start of the track.")
    symbol: str = strawberry.field(description="The chord symbol, such as Am7 or F/C.")


@strawberry.type(description="A section of a track's form.")
class Section:
    start_ms: int = strawberry.field(description="The start, in milliseconds from the start of the track.")
    end_ms: int = strawberry.field(description="The end, in milliseconds from the start of the track.")
    name: str = strawberry.field(description="The name, such as intro, verse or chorus.")


@strawberry.type(description="The score of a track.")
class Score:
    midi_url: str | None = strawberry.field(description="A signed URL of a Standard MIDI File, or null if unavailable.")
