"""The written music: what sounds when, as numbers and words and as a MIDI file."""

import strawberry


@strawberry.type(description="A chord and when it sounds.")
class Chord:
    """From the track's row."""

    start_ms: int = strawberry.field(description="Start, in milliseconds from the beginning.")
    end_ms: int = strawberry.field(description="End, in milliseconds from the beginning.")
    symbol: str = strawberry.field(description="As on a lead sheet: Am7, F/C.")


@strawberry.type(description="A part of the form.")
class Section:
    """From the track's row."""

    start_ms: int = strawberry.field(description="Start, in milliseconds from the beginning.")
    end_ms: int = strawberry.field(description="End, in milliseconds from the beginning.")
    name: str = strawberry.field(description="As intro, verse, chorus, outro.")


@strawberry.type(description="The written music as a file.")
class Score:
    """From the score file."""

    midi_url: str | None = strawberry.field(description="Signed link to a Standard MIDI File; null while unavailable.")
