from dataclasses import replace
from pathlib import Path

import pytest

from engines.port import RenderRequest
from engines.studio.arranging import arrangement, continuation, interpretation
from engines.studio.arranging.arrangement import Arrangement
from engines.studio.arranging.interpretation import Interpretation
from engines.studio.composing.drums import KICK, SNARE
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.groups import members
from engines.studio.model.style import Part
from engines.studio.orchestration import casting
from engines.studio.prompt import reader
from engines.studio.styles import STYLES
from tests.support.audio.studio_renders import render


def interpret(text: str, seconds: float = 60.0) -> Interpretation:
    return interpretation.interpret(RenderRequest(text, seconds, 3))


def arrange(text: str, seconds: float = 60.0) -> Arrangement:
    interpreted = interpret(text, seconds)
    return arrangement.compose(interpreted.effective, seconds, interpreted.seed)


def instruments_of(text: str) -> set[str]:
    return {part.instrument for part in casting.cast_parts(interpret(text).effective)}


def parts_by_name(text: str) -> dict[str, Part]:
    return {part.name: part for part in casting.cast_parts(interpret(text).effective)}


@pytest.mark.parametrize(
    ("text", "instruments"),
    [
        ("lofi, only piano", {"piano"}),
        ("jazz, nur Klavier", {"piano"}),
        ("jazz solo piano", {"piano"}),
        ("house, uniquement piano", {"piano"}),
        ("rock, solo pianoforte", {"piano"}),
        ("rock, solo piano y violonchelo", {"piano", "cello"}),
        ("funk, piano seul", {"piano"}),
        ("folk, violino solo", {"violin"}),
        ("cello alone", {"cello"}),
        ("unaccompanied violin", {"violin"}),
        ("just acoustic guitar and flute", {"acoustic_guitar", "flute"}),
        ("ambient, nothing but soft warm pads", {"warm_pad"}),
        ("Gitarre allein, ruhig", {"guitar"}),
        ("calm, solo harp", {"harp"}),
        ("techno, only drums", {"kit_909"}),
        ("meditation, nur Klangschalen und Handpan", {"singing_bowl", "handpan"}),
        ("a cappella", {"choir"}),
        ("a cappella with humming", {"choir", "humming"}),
        ("only piano and brushes", {"piano", "brush_kit"}),
        ("only strings, no violin", {"strings"}),
        ("solo piano", {"piano"}),
    ],
)
def test_only_excludes_all_other_instruments(text: str, instruments: set[str]) -> None:
    allowed = {instrument for name in instruments for instrument in members(name)}
    assert instruments_of(text) <= allowed
    assert all(instruments_of(text).intersection(members(name)) for name in instruments)


@pytest.mark.parametrize(
    "text",
    [
        "rock with a guitar solo", "jazz, not only piano", "jazz, nicht nur Klavier", "house, only 90 seconds",
        "rock, only at night", "just a calm rock song", "jazz with piano solo", "funk, only wind noise",
        "rock, only piano but no piano",
    ],
)  # fmt: skip
def test_an_unrelated_only_excludes_no_instruments(text: str) -> None:
    assert len(instruments_of(text)) >= 3


@pytest.mark.parametrize("key", sorted(STYLES))
@pytest.mark.parametrize("words", ["only piano", "only drums", "only flute", "only bass", "only drums and bass"])
def test_solo_parts_play_in_every_section(key: str, words: str) -> None:
    interpreted = interpret(f"{STYLES[key].keywords[0]}, {words}")
    arranged = arrangement.compose(interpreted.effective, 60.0, interpreted.seed)
    starts = [note.start for notes in arranged.composition.notes.values() for note in notes]
    for section in arranged.composition.sections:
        assert any(section.start <= start < section.end for start in starts), section
    assert len({part.name for part in arranged.parts}) == len(arranged.parts)
    included = interpreted.effective.included
    assert all(part.instrument in included or part.stem in included for part in arranged.parts)


def test_a_solo_has_only_the_stems_of_its_parts(tmp_path: Path) -> None:
    track = render(tmp_path, "lofi, only piano, 90 bpm", 12.0)
    assert set(track.extras["parts"]) == {CATALOGUE["piano"].name}  # type: ignore[call-overload]
    assert set(track.stems) == {"harmony", "melody"}
    assert track.report is not None
    assert "only" in track.report.words_used


def test_several_included_instruments_of_one_stem_all_play() -> None:
    assert {"flute", "violin", "trumpet"} <= instruments_of("lofi with flute, violin and trumpet")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("staccato", "staccato"), ("abgehackt", "staccato"), ("saccadé", "staccato"), ("entrecortado", "staccato"),
        ("legato", "legato"), ("gebunden", "legato"), ("lié", "legato"), ("ligado", "legato"),
        ("strummed", "strummed"), ("gestrummt geschrammelt", "strummed"), ("rasgueado", "strummed"),
        ("half-time", "half_time"), ("doppeltes Tempo", "double_time"), ("à demi-tempo", "half_time"),
        ("verhallt", "wet"), ("no reverb", "dry"), ("ohne Hall", "dry"), ("sans réverbération", "dry"),
        ("con eco", "echoing"), ("senza eco", "dry"), ("trocken", "dry"), ("swung", "swung"),
        ("sidechained", "sidechained"), ("distorto", "distorted"), ("arpégé", "arpeggiated"), ("tape", "tape"),
        ("gezupft", "fingerpicked"), ("gedämpft", "muted"),
    ],
)  # fmt: skip
def test_a_transformation_is_read(text: str, name: str) -> None:
    request = reader.read(f"rock, {text}", ())
    assert list(request.transformations) == [name]
    assert request.transformations[name] in request.words_used


def test_the_first_of_conflicting_transformations_applies() -> None:
    request = reader.read("folk, staccato and legato, dry with echo", ())
    assert list(request.transformations) == ["staccato", "dry"]
    assert request.words_ignored == ("legato", "echo")


@pytest.mark.parametrize("name", ["half time", "sidechained"])
def test_an_inaudible_transformation_is_reported_as_ignored(name: str) -> None:
    interpreted = interpret(f"solo piano, {name}")
    assert name in interpreted.requested.words_ignored
    assert name not in interpreted.requested.words_used


def test_staccato_notes_are_short_and_legato_notes_are_long() -> None:
    lengths = []
    for words in ("staccato", "", "legato"):
        notes = arrange(f"folk, {words}").composition.notes["fiddle"]
        lengths.append(sum(note.beats for note in notes) / len(notes))
    assert lengths == sorted(lengths)
    assert lengths[0] < 0.5 * lengths[1]


def test_half_time_halves_the_backbeat_and_double_time_doubles_it() -> None:
    counts = []
    for words in ("half time", "", "double time"):
        notes = arrange(f"rock 120 bpm, {words}").composition.notes["drums"]
        counts.append(sum(note.pitch == SNARE and note.velocity > 0.5 for note in notes))
    assert counts[0] == pytest.approx(0.5 * counts[1], rel=0.25)
    assert counts[2] == pytest.approx(2.0 * counts[1], rel=0.25)
    drums = arrange("rock 120 bpm, half time").composition.notes["drums"]
    assert any(note.pitch == KICK and note.start % 8 == 0 for note in drums)


def test_an_era_changes_the_sound_of_a_style_of_another_era() -> None:
    assert "gated_kit" in instruments_of("80s rock") - instruments_of("rock")
    assert instruments_of("80s synthwave") == instruments_of("synthwave")
    assert instruments_of("80s rock with acoustic drums") >= {"acoustic_kit"}
    old, new = parts_by_name("1920s folk"), parts_by_name("folk")
    assert all("dark" in old[name].effects for name in old if old[name].stem == "melody")
    assert not any("dark" in new[name].effects for name in new)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("a 90 second lofi track", 90.0), ("2 minutes of techno", 120.0), ("zwei Minuten Walzer", 120.0),
        ("90 Sekunden", 90.0), ("deux minutes de jazz", 120.0), ("30 secondi", 30.0), ("3 minutos de rock", 180.0),
        ("2:30 long", 150.0), ("a three-minute rock song", 180.0), ("1.5 minutes", 90.0), ("45s", 45.0),
    ],
)  # fmt: skip
def test_the_duration_field_takes_precedence_over_a_length_in_the_prompt(text: str, seconds: float) -> None:
    request = reader.read(text, ())
    assert request.length is not None
    assert request.length.seconds == seconds
    agreed, other = interpret(text, seconds), interpret(text, 61.0)
    assert request.length.text in agreed.requested.words_used
    assert request.length.text in other.requested.words_ignored
    assert len(other.notes) == len(agreed.notes) + 1
    assert any("61 seconds" in note for note in other.notes)


@pytest.mark.parametrize("text", ["drop at 20 seconds", "90 beats per minute", "80s rock", "808 drums", "in A minor"])
def test_other_numbers_are_not_read_as_a_length(text: str) -> None:
    assert reader.read(text, ()).length is None


def test_a_continuation_has_the_transformations_of_its_predecessor() -> None:
    first = interpret("lofi, only rhodes, staccato")
    arranged = arrangement.compose(first.effective, 40.0, first.seed)
    effective = replace(first.effective, strengths={"staccato": 0.5})
    data = continuation.build_continuation(effective, arranged, first.seed)
    continued = interpretation.interpret(RenderRequest("more", 40.0, 4, continue_from=data))
    second = arrangement.compose(continued.effective, 40.0, continued.seed)
    assert [part.instrument for part in second.parts] == [part.instrument for part in arranged.parts]
    assert list(continued.effective.transformations) == ["staccato"]
    assert dict(continued.effective.strengths) == {"staccato": 0.5}


@pytest.mark.parametrize(
    ("text", "kits"),
    [
        ("taiko in rock", {"acoustic_kit", "taiko"}),
        ("Techno mit Tabla", {"kit_909", "tabla"}),
        ("pop with sleigh bells", {"acoustic_kit", "sleigh_bells"}),
        ("rock with an 808", {"kit_808"}),
        ("cinematic with taiko", {"taiko"}),
        ("rock, only taiko", {"taiko"}),
    ],
)
def test_a_kit_of_another_tradition_plays_beside_a_drum_set(text: str, kits: set[str]) -> None:
    interpreted = interpretation.interpret(RenderRequest(text, 30.0, 1))
    arranged = arrangement.compose(interpreted.effective, 30.0, interpreted.seed)
    playing = [part for part in arranged.parts if CATALOGUE[part.instrument].is_kit]
    assert {part.instrument for part in playing if len(arranged.composition.notes[part.name]) > 30} == kits
