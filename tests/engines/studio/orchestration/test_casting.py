from pathlib import Path

import pytest

from engines.port import RenderRequest
from engines.studio.arranging import arrangement, continuation, interpretation
from engines.studio.arranging.arrangement import Arrangement
from engines.studio.arranging.interpretation import Interpretation
from engines.studio.composing.drums import KICK, SNARE
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.groups import GROUPS
from engines.studio.model.style import Part
from engines.studio.orchestration import articulation, casting
from engines.studio.prompt import reader
from engines.studio.styles import STYLES
from tests.support.studio_renders import render


def understood(text: str, seconds: float = 60.0) -> Interpretation:
    return interpretation.interpret(RenderRequest(text, seconds, 3))


def composed(text: str, seconds: float = 60.0) -> Arrangement:
    meant = understood(text, seconds)
    return arrangement.compose(meant.effective, seconds, meant.seed)


def band(text: str) -> set[str]:
    return {part.instrument for part in casting.cast_parts(understood(text).effective)}


def seats(text: str) -> dict[str, Part]:
    return {part.name: part for part in casting.cast_parts(understood(text).effective)}


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
        ("just acoustic guitar and flute", {"steel_guitar", "flute"}),
        ("ambient, nothing but soft warm pads", {"warm_pad"}),
        ("Gitarre allein, ruhig", {"electric_guitar"}),
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
def test_only_leaves_everybody_else_out(text: str, instruments: set[str]) -> None:
    allowed = {one for name in instruments for one in GROUPS.get(name, {name})}
    assert band(text) <= allowed
    assert all(band(text) & GROUPS.get(name, {name}) for name in instruments)


@pytest.mark.parametrize(
    "text",
    [
        "rock with a guitar solo", "jazz, not only piano", "jazz, nicht nur Klavier", "house, only 90 seconds",
        "rock, only at night", "just a calm rock song", "jazz with piano solo", "funk, only wind noise",
        "rock, only piano but no piano",
    ],
)  # fmt: skip
def test_an_only_that_speaks_of_something_else_leaves_the_band_together(text: str) -> None:
    assert len(band(text)) >= 3


@pytest.mark.parametrize("key", sorted(STYLES))
@pytest.mark.parametrize("words", ["only piano", "only drums", "only flute", "only bass", "only drums and bass"])
def test_those_who_play_alone_play_in_every_section(key: str, words: str) -> None:
    found = composed(f"{STYLES[key].keywords[0]}, {words}")
    starts = [note.start for notes in found.composition.notes.values() for note in notes]
    for section in found.composition.sections:
        assert any(section.start <= start < section.end for start in starts), section
    assert len({part.name for part in found.parts}) == len(found.parts)
    wanted = understood(f"{STYLES[key].keywords[0]}, {words}").effective.included
    assert all(part.instrument in wanted or part.stem in wanted for part in found.parts)


def test_one_who_plays_alone_leaves_no_other_stem(tmp_path: Path) -> None:
    track = render(tmp_path, "lofi, only piano, 90 bpm", 12.0)
    assert set(track.extras["parts"]) == {CATALOGUE["piano"].name}  # type: ignore[call-overload]
    assert set(track.stems) == {"harmony", "melody"}
    assert track.report is not None
    assert "only" in track.report.words_used


def test_two_who_want_one_chair_both_play() -> None:
    assert {"flute", "violin", "trumpet"} <= band("lofi with flute, violin and trumpet")


@pytest.mark.parametrize(
    ("text", "way"),
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
def test_a_way_of_playing_is_read(text: str, way: str) -> None:
    brief = reader.read(f"rock, {text}", ())
    assert list(brief.articulations) == [way]
    assert brief.articulations[way] in brief.words_used


def test_ways_of_playing_that_contradict_each_other_count_once() -> None:
    brief = reader.read("folk, staccato and legato, dry with echo", ())
    assert list(brief.articulations) == ["staccato", "dry"]
    assert brief.words_ignored == ("legato", "echo")


@pytest.mark.parametrize("way", ["half time", "sidechained"])
def test_a_way_of_playing_that_nobody_can_show_is_told_as_ignored(way: str) -> None:
    meant = understood(f"solo piano, {way}")
    assert way in meant.requested.words_ignored
    assert way not in meant.requested.words_used


def test_staccato_notes_are_short_and_legato_notes_are_long() -> None:
    lengths = []
    for words in ("staccato", "", "legato"):
        notes = composed(f"folk, {words}").composition.notes["fiddle"]
        lengths.append(sum(note.beats for note in notes) / len(notes))
    assert lengths == sorted(lengths)
    assert lengths[0] < 0.5 * lengths[1]


def test_half_time_halves_the_back_beat_and_double_time_doubles_it() -> None:
    counts = []
    for words in ("half time", "", "double time"):
        notes = composed(f"rock 120 bpm, {words}").composition.notes["drums"]
        counts.append(sum(note.pitch == SNARE and note.velocity > 0.5 for note in notes))
    assert counts[0] == pytest.approx(0.5 * counts[1], rel=0.25)
    assert counts[2] == pytest.approx(2.0 * counts[1], rel=0.25)
    drums = composed("rock 120 bpm, half time").composition.notes["drums"]
    assert any(note.pitch == KICK and note.start % 8 == 0 for note in drums)


@pytest.mark.parametrize("way", [*articulation.ARTICULATIONS, *articulation.SWING_RATIOS])
def test_every_way_of_playing_changes_what_is_heard(way: str) -> None:
    words = {"wet": "reverberant", "echoing": "echo", "half_time": "half time", "double_time": "double time",
             "straight": "straight feel"}.get(way, way)  # fmt: skip
    plain, changed = understood("funk, brass").effective, understood(f"funk, brass, {words}").effective
    if way in articulation.SWING_RATIOS:
        assert changed.style.swing == articulation.SWING_RATIOS[way] != plain.style.swing
        return
    pairs = list(zip(casting.cast_parts(plain), casting.cast_parts(changed), strict=True))
    assert any(one != two for one, two in pairs)


def test_an_era_colours_a_style_that_is_not_of_it() -> None:
    assert "gated_kit" in band("80s rock") - band("rock")
    assert band("80s synthwave") == band("synthwave")
    assert band("80s rock with acoustic drums") >= {"acoustic_kit"}
    old, new = seats("1920s folk"), seats("folk")
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
def test_a_length_is_read_and_the_field_wins(text: str, seconds: float) -> None:
    brief = reader.read(text, ())
    assert brief.length is not None
    assert brief.length.seconds == seconds
    agreed, other = understood(text, seconds), understood(text, 61.0)
    assert brief.length.text in agreed.requested.words_used
    assert agreed.notes == ()
    assert brief.length.text in other.requested.words_ignored
    assert len(other.notes) == 1
    assert "61 seconds" in other.notes[0]


@pytest.mark.parametrize("text", ["drop at 20 seconds", "90 beats per minute", "80s rock", "808 drums", "in A minor"])
def test_what_is_no_length_is_not_read_as_one(text: str) -> None:
    assert reader.read(text, ()).length is None


def test_a_continued_piece_is_played_in_the_same_way() -> None:
    first = understood("lofi, only rhodes, staccato")
    piece = arrangement.compose(first.effective, 40.0, first.seed)
    kept = continuation.build_continuation(first.effective, piece, first.seed)
    then = interpretation.interpret(RenderRequest("more", 40.0, 4, continue_from=kept))
    second = arrangement.compose(then.effective, 40.0, then.seed)
    assert [part.instrument for part in second.parts] == [part.instrument for part in piece.parts]
    assert list(then.effective.articulations) == ["staccato"]
