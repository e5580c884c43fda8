"""Single pieces of the drums that a request adds, leaves out or reduces: hi-hats, claps, tambourine, congas."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engines.studio.composing.drums import (
    CLAP,
    CLAVES,
    CONGA,
    CONGA_SLAP,
    COWBELL,
    CRASH,
    HAT,
    HIGH_AGOGO,
    HIGH_BONGO,
    HIGH_TOM,
    KICK,
    LONG_GUIRO,
    LOW_AGOGO,
    LOW_BONGO,
    LOW_CONGA,
    LOW_TOM,
    MUTED_SURDO,
    OPEN_HAT,
    RIDE,
    RIM,
    SHAKER,
    SHORT_GUIRO,
    SNARE,
    SURDO,
    TAMBOURINE,
    WOOD_BLOCK,
    Groove,
    drum_part,
)
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.groups import DRUM_KIT_PIECES, KIT_PIECES, OTHER_PIECES, piece_keys
from engines.studio.model.composition import LAST_CHORD, Note
from engines.studio.model.style import Part, PartWriter, SectionContext

PIECE_LEVEL: Final = -19.0
"""The level of a piece that is a part of its own."""
REDUCED_VELOCITY: Final = 0.45
"""The factor of the velocities of a piece of which a request wants less."""
HIGH_TIMBALE, LOW_TIMBALE, MUTED_TRIANGLE, OPEN_TRIANGLE, CASTANETS, VIBRASLAP = 65, 66, 80, 81, 85, 58
LATIN, SMALL, DRUM_KIT = "latin_kit", "percussion_set", "acoustic_kit"


@dataclass(frozen=True, slots=True)
class _Piece:
    """The patterns of a piece by General MIDI key, and the kit that plays it as a part of its own."""

    patterns: Mapping[int, tuple[str, ...]]
    kit: str = DRUM_KIT


_PIECES: Final[Mapping[str, _Piece]] = {
    "kick": _Piece({KICK: ("X.......x.......",)}),
    "snare": _Piece({SNARE: ("....X.......X...",)}),
    "rim": _Piece({RIM: ("....X.......X..x",)}),
    "clap": _Piece({CLAP: ("....X.......X...",)}),
    "hi_hat": _Piece({HAT: ("x.o.x.o.x.o.x.o.",)}),
    "open_hat": _Piece({OPEN_HAT: ("..x...x...x...x.",)}),
    "toms": _Piece({LOW_TOM: ("X.....x...x.....",), HIGH_TOM: ("...x........x.x.",)}),
    "crash": _Piece({CRASH: ("X...............", "................")}),
    "ride": _Piece({RIDE: ("x...x.o.x...x.o.",)}),
    "cymbals": _Piece({CRASH: ("X...............", "................"), RIDE: ("....x.o.x...x.o.",)}),
    "tambourine": _Piece({TAMBOURINE: ("o.x.X.x.o.x.X.x.",)}, SMALL),
    "shaker": _Piece({SHAKER: ("x.oox.oox.oox.oo",)}, SMALL),
    "triangle": _Piece({OPEN_TRIANGLE: ("....x.......x...",), MUTED_TRIANGLE: ("x.o...o.x.o...o.",)}, SMALL),
    "castanets": _Piece({CASTANETS: ("X...x.xxx...x.xx",)}, SMALL),
    "vibraslap": _Piece({VIBRASLAP: ("X...............", "................")}, SMALL),
    "wood_block": _Piece({WOOD_BLOCK: ("x..x..x...x.x...",)}, SMALL),
    "cowbell": _Piece({COWBELL: ("X...x...X...x.x.",)}, LATIN),
    "congas": _Piece(
        {CONGA_SLAP: ("....x.......x...",), CONGA: ("x.o...o.x.o.....",), LOW_CONGA: ("..............xx",)}, LATIN
    ),
    "bongos": _Piece({HIGH_BONGO: ("x.oox.o.x.oox.o.",), LOW_BONGO: ("......x.......x.",)}, LATIN),
    "timbales": _Piece({HIGH_TIMBALE: ("x.xx.xx.x.xx.xx.",), LOW_TIMBALE: ("....x.......x...",)}, LATIN),
    "claves": _Piece({CLAVES: ("x..x..x...x.x...",)}, LATIN),
    "guiro": _Piece({LONG_GUIRO: ("x.......x.......",), SHORT_GUIRO: ("....x.x.....x.x.",)}, LATIN),
    "agogo": _Piece({HIGH_AGOGO: ("x.x...x.x...x...",), LOW_AGOGO: ("....x.....x...x.",)}, LATIN),
    "surdo": _Piece({MUTED_SURDO: ("x.......x.......",), SURDO: ("....X.......X.x.",)}, LATIN),
}  # fmt: skip


def with_pieces(
    parts: Sequence[Part],
    included: Collection[str],
    excluded: Collection[str],
    reduced: Collection[str],
    *,
    is_limited: bool,
) -> tuple[Part, ...]:
    """Add, leave out and reduce pieces. With ``is_limited`` kits play the included pieces only.

    A piece of the drum kit is added to the bars in which the kit does not play it anyway.
    """
    result = list(parts)
    for name in included:
        if name in _PIECES and not any(name in {part.name, part.instrument} for part in result):
            _add_piece(result, name)
    only = piece_keys(included) if is_limited or OTHER_PIECES in excluded else None
    silent = piece_keys(excluded) - piece_keys(included)
    return tuple(_without_keys(part, silent, only, reduced) if part.stem == "drums" else part for part in result)


def _add_piece(parts: list[Part], name: str) -> None:
    piece = _PIECES[name]
    host = next((part for part in parts if name in DRUM_KIT_PIECES and _has_piece(part, piece)), None)
    if host is not None:
        parts[parts.index(host)] = replace(host, writer=_adding(host.writer, name))
        return
    silent = CATALOGUE[piece.kit].kit_keys - KIT_PIECES[name]
    parts.append(Part(name, "drums", piece.kit, _pattern(piece), PIECE_LEVEL, reverb=0.12, silent_keys=silent))


def _has_piece(part: Part, piece: _Piece) -> bool:
    return part.stem == "drums" and piece.patterns.keys() <= CATALOGUE[part.instrument].kit_keys - part.silent_keys


def _pattern(piece: _Piece) -> PartWriter:
    """Play the patterns of a piece, and one stroke in the last chord."""
    groove = drum_part((Groove(piece.patterns),), "none", crash=False)
    last = min(piece.patterns)
    return lambda context: (
        [Note(context.section.start, 0.5, last, 0.7)] if context.section.name == LAST_CHORD else groove(context)
    )


def _adding(writer: PartWriter, name: str) -> PartWriter:
    """Add the pattern of a piece to the bars in which it does not play."""
    add = _pattern(_PIECES[name])

    def write(context: SectionContext) -> list[Note]:
        notes, bar_length = writer(context), context.metre.bar_length
        bars = {(note.start + 1e-6) // bar_length for note in notes if note.pitch in KIT_PIECES[name]}
        added = [note for note in add(context) if (note.start + 1e-6) // bar_length not in bars]
        return sorted([*notes, *added], key=lambda note: note.start)

    return write


def _without_keys(part: Part, silent: Collection[int], only: Collection[int] | None, reduced: Collection[str]) -> Part:
    kit_keys = CATALOGUE[part.instrument].kit_keys
    keys = part.silent_keys | set(silent)
    if only is not None and part.name not in _PIECES:
        keys |= kit_keys - set(only)
    soft = piece_keys(reduced)
    writer = _softening(part.writer, soft) if soft & kit_keys else part.writer
    return replace(part, silent_keys=frozenset(keys), writer=writer)


def _softening(writer: PartWriter, keys: Collection[int]) -> PartWriter:
    return lambda context: [
        replace(note, velocity=note.velocity * REDUCED_VELOCITY) if note.pitch in keys else note
        for note in writer(context)
    ]


def audible_notes(notes: Sequence[Note], part: Part, excluded: Collection[str] = ()) -> list[Note]:
    """Return the notes without those of pieces that the part, or a section's ``excluded`` names, leave out."""
    silent = part.silent_keys | (piece_keys(excluded) if part.stem == "drums" else frozenset())
    if not silent:
        return list(notes)
    instrument = CATALOGUE[part.instrument]
    return [note for note in notes if not {note.pitch, instrument.sounding_pitch(note.pitch)} & silent]
