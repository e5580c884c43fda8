"""Pieces of drum kits in the composed notes: left out, alone, added and reduced."""

from collections.abc import Iterator

import pytest

from engines.port import RenderRequest
from engines.studio.arranging import arrangement, interpretation, request_checks
from engines.studio.arranging.arrangement import Arrangement
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.groups import KIT_PIECES, piece_keys
from engines.studio.model.composition import Note
from engines.studio.orchestration.line_up import ABSENT
from engines.studio.styles import STYLES

STYLES_WITH_DRUMS = sorted(
    key
    for key, style in STYLES.items()
    if any(part.stem == "drums" and ABSENT not in style.line_up.get(part.name, ()) for part in style.parts)
)


def arrange(text: str) -> tuple[Arrangement, list[str]]:
    interpreted = interpretation.interpret(RenderRequest(text, 16.0, 3))
    arranged = arrangement.compose(interpreted.effective, 16.0, interpreted.seed)
    return arranged, request_checks.check_request(interpreted.effective, arranged)


def drum_notes(arranged: Arrangement) -> Iterator[tuple[int, Note]]:
    """Yield the General MIDI key that sounds, and the note, of all drum parts."""
    for part in arranged.parts:
        if part.stem == "drums":
            instrument = CATALOGUE[part.instrument]
            yield from ((instrument.sounding_pitch(note.pitch), note) for note in arranged.composition.notes[part.name])


def keys_of(arranged: Arrangement) -> set[int]:
    return {key for key, _ in drum_notes(arranged)}


@pytest.mark.parametrize("key", STYLES_WITH_DRUMS)
@pytest.mark.parametrize(
    ("words", "pieces"),
    [("no hi-hats and no snare", ("hi_hat", "snare")), ("without kick, no cymbals", ("kick", "cymbals"))],
)
def test_excluded_pieces_are_left_out_in_every_kit(key: str, words: str, pieces: tuple[str, ...]) -> None:
    arranged, notes = arrange(f"{STYLES[key].keywords[0]}, {words}")
    assert not keys_of(arranged) & piece_keys(pieces)
    assert [part.name for part in arranged.parts if part.stem == "drums"]
    assert not [note for note in notes if note.startswith("Not met")]


@pytest.mark.parametrize("words", ["only kick and hats", "kick and hi-hats only", "drums: only kick and hi-hats"])
@pytest.mark.parametrize("style", ["techno", "rock", "samba", "march"])
def test_only_some_pieces_play(style: str, words: str) -> None:
    arranged, _ = arrange(f"{style}, {words}")
    keys = keys_of(arranged)
    assert keys & KIT_PIECES["kick"]
    assert keys & KIT_PIECES["hi_hat"]
    assert keys <= KIT_PIECES["kick"] | KIT_PIECES["hi_hat"]
    stems = {part.stem for part in arranged.parts}
    assert (stems == {"drums"}) is not words.startswith("drums:")


@pytest.mark.parametrize("piece", sorted(KIT_PIECES))
@pytest.mark.parametrize("style", ["rock", "ambient"])
def test_an_included_piece_plays(style: str, piece: str) -> None:
    name = {"ride": "ride cymbal", "crash": "crash cymbal", "rim": "rimshots"}.get(piece, piece.replace("_", " "))
    arranged, notes = arrange(f"{style} with {name}")
    assert keys_of(arranged) & KIT_PIECES[piece]
    assert {part.stem for part in arranged.parts} > {"drums"}
    assert not [note for note in notes if note.startswith("Not met")]


def test_small_percussion_plays_without_the_excluded_drums() -> None:
    arranged, notes = arrange("rock with tambourine and congas, no drums")
    assert keys_of(arranged) <= KIT_PIECES["tambourine"] | KIT_PIECES["congas"]
    assert "Tambourine: played by Small percussion." in notes


def test_a_reduced_piece_is_softer() -> None:
    plain, soft = (
        [note.velocity for key, note in drum_notes(arrange(text)[0]) if key in KIT_PIECES["hi_hat"]]
        for text in ("funk", "funk, less hi-hats")
    )
    assert len(plain) == len(soft)
    assert sum(soft) < 0.55 * sum(plain)


@pytest.mark.parametrize(
    ("text", "present", "absent"),
    [
        ("rock, no electric guitar", "steel_guitar", "driven_guitar"),
        ("rock, no guitar", "electric_bass", "steel_guitar"),
        ("rock, acoustic guitar", "steel_guitar", "none"),
        ("rock, guitar but no electric guitar", "steel_guitar", "electric_guitar"),
        ("lofi, no piano", "nylon_guitar", "electric_piano"),
        ("lofi, grand piano, no electric piano", "piano", "electric_piano"),
        ("celtic, flute, no strings", "flute", "violin"),
        ("synthwave, synth bass, no synths", "synth_bass", "supersaw"),
        ("funk with fingered bass", "electric_bass", "slap_bass"),
        ("afrobeats with slap bass", "slap_bass", "electric_bass"),
    ],
)
def test_groups_of_instruments_include_and_exclude_their_kinds(text: str, present: str, absent: str) -> None:
    instruments = {part.instrument for part in arrange(text)[0].parts}
    assert present in instruments
    assert absent not in instruments
