from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.port import RenderRequest
from engines.studio.arranging import arrangement, interpretation, request_checks
from engines.studio.arranging.arrangement import Arrangement
from engines.studio.arranging.requested_sections import SECTION_PLANS, plan_requested_sections
from engines.studio.model.composition import LAST_CHORD, Note, Section
from engines.studio.model.form_request import FormRequest, SectionRequest
from engines.studio.model.music_request import MusicRequest
from engines.studio.prompt import reader
from engines.studio.styles import STYLES

TAGS = ("intro", "verse", "chorus", "bridge", "outro")


def request_with(text: str, form: FormRequest) -> MusicRequest:
    return replace(reader.read(text, ()), form=form)


def arrange(text: str, form: FormRequest, seconds: float = 60.0) -> Arrangement:
    return arrangement.compose(request_with(text, form), seconds, 1)


def tagged(*names: str) -> FormRequest:
    return FormRequest(sections=tuple(SectionRequest(name) for name in names))


def body(arranged: Arrangement) -> list[Section]:
    return [section for section in arranged.composition.sections if section.name != LAST_CHORD]


def playing(arranged: Arrangement, section: Section) -> set[str]:
    """Return the instruments and stems that play in a section."""
    notes = arranged.composition.notes
    parts = [
        part
        for part in arranged.parts
        if any(section.start <= note.start < section.end - 1e-6 for note in notes[part.name])
    ]
    return {part.instrument for part in parts} | {part.stem for part in parts}


@pytest.mark.parametrize("style", ["lofi", "techno", "string quartet", "jig"])
def test_tags_are_the_sections_of_the_track(style: str) -> None:
    form = tagged(*TAGS)
    arranged = arrange(style, form)
    assert [section.name for section in body(arranged)] == list(TAGS)
    notes = request_checks.check_request(request_with(style, form), arranged)
    assert "Sections as requested: intro, verse, chorus, bridge, outro." in notes


def test_a_returning_section_returns_with_its_theme() -> None:
    sections = body(arrange("rock", tagged("verse", "chorus", "verse", "chorus")))
    assert [section.theme for section in sections] == ["A", "B", "A", "B"]
    assert [section.repetition for section in sections] == [0, 0, 1, 1]


def test_sections_that_do_not_fit_are_reported() -> None:
    form = tagged(*TAGS)
    arranged = arrange("folk, 90 bpm", form, 8.0)
    notes = request_checks.check_request(request_with("folk, 90 bpm", form), arranged)
    assert [section.name for section in body(arranged)] == ["intro", "verse"]
    assert "Not met: the track is too short for the sections chorus, bridge, outro." in notes


def test_sections_include_and_exclude_instruments() -> None:
    form = FormRequest(
        sections=(
            SectionRequest("intro", included=("piano",), is_solo=True),
            SectionRequest("verse", excluded=("drums",)),
            SectionRequest("chorus", included=("flute",)),
            SectionRequest("solo", included=("drums",), is_solo=True),
            SectionRequest("outro"),
        )
    )
    arranged = arrange("house, 124 bpm", form)
    intro, verse, chorus, solo, outro = (playing(arranged, section) for section in body(arranged))
    assert intro - {"harmony", "melody"} == {"piano"}
    assert "drums" not in verse
    assert "flute" in chorus - verse - outro
    assert "drums" in solo
    assert not solo & {"bass", "harmony", "melody", "texture"}


def test_a_soloist_plays_the_melody_alone() -> None:
    form = FormRequest(
        sections=(SectionRequest("verse"), SectionRequest("solo", included=("sax",)), SectionRequest("outro"))
    )
    arranged = arrange("lofi", form)
    solo = body(arranged)[1]
    melodies = {
        part.instrument
        for part in arranged.parts
        if part.stem == "melody"
        and any(solo.start <= note.start < solo.end for note in arranged.composition.notes[part.name])
    }
    assert melodies == {"sax"}


def test_transformations_of_a_section_change_only_its_notes() -> None:
    quiet = SectionRequest("verse", transformations={"whisper": 1.0, "staccato": 1.0})
    arranged = arrange("funk", FormRequest(sections=(SectionRequest("chorus"), quiet, SectionRequest("chorus"))))
    chorus, verse, _ = body(arranged)
    assert verse.energy < chorus.energy - 0.2
    bass = arranged.composition.notes["bass"]
    lengths = [
        [note.beats for note in bass if section.start <= note.start < section.end] for section in (chorus, verse)
    ]
    assert sum(lengths[1]) / len(lengths[1]) < 0.6 * sum(lengths[0]) / len(lengths[0])
    request = request_with("funk", FormRequest(sections=(replace(quiet, transformations={"mono": 1.0}),)))
    assert "Not met: mono in the verse; it applies to whole tracks only." in request_checks.check_request(
        request, arrangement.compose(request, 30.0, 1)
    )


def relative(notes: tuple[Note, ...], section: Section, beats: float) -> list[tuple[float, int]]:
    inside = (note for note in notes if section.start - 1e-6 <= note.start < section.start + beats - 1e-6)
    return sorted((round(note.start - section.start, 3), note.pitch) for note in inside)


@pytest.mark.parametrize("style", ["lofi", "techno", "jazz", "waltz"])
def test_an_unchanging_loop_repeats_its_notes(style: str) -> None:
    arranged = arrange(style, FormRequest(variety="static"))
    first, *others = body(arranged)
    assert others
    for notes in arranged.composition.notes.values():
        for section in others:
            assert relative(notes, section, section.beats) == relative(notes, first, section.beats)


@pytest.mark.parametrize("style", ["lofi", "techno", "string quartet"])
def test_through_composed_music_has_a_new_theme_in_every_section(style: str) -> None:
    arranged = arrange(style, FormRequest(variety="through_composed", section_count=5))
    sections = body(arranged)
    assert len(sections) == len({section.theme for section in sections}) == 5
    motifs = [arranged.composition.motifs[section.theme] for section in sections]
    assert len(set(motifs)) == 5
    assert max(section.energy for section in sections) - min(section.energy for section in sections) > 0.3


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7])
def test_a_requested_number_of_sections_is_met(count: int) -> None:
    assert len(body(arrange("synthwave", FormRequest(section_count=count), 90.0))) == count


@settings(max_examples=60, deadline=None)
@given(
    key=st.sampled_from(sorted(STYLES)),
    names=st.lists(st.sampled_from([*SECTION_PLANS, "part"]), max_size=12),
    variety=st.sampled_from([None, "static", "through_composed"]),
    count=st.one_of(st.none(), st.integers(1, 20)),
    bars=st.integers(0, 200),
)
def test_planned_sections_fill_the_bars(
    key: str, names: list[str], variety: str | None, count: int | None, bars: int
) -> None:
    request = replace(tagged(*names), variety=variety, section_count=count)
    if not (names or variety or count):
        return
    planned = plan_requested_sections(STYLES[key].form, bars, request)
    assert sum(section.bars for section in planned) == bars
    assert all(section.bars > 0 and 0.0 < section.energy <= 1.0 for section in planned)
    if names:
        assert len(planned) == min(bars, len(names))


def test_a_requested_progression_is_the_harmony_of_the_main_theme() -> None:
    interpreted = interpretation.interpret(RenderRequest("rock in A minor", 40.0, 1)).effective
    style = interpretation.with_progression(interpreted.style, "i | bVI | bIII | bVII")
    composition = arrangement.compose(replace(interpreted, style=style), 40.0, 1).composition
    first = next(section for section in composition.sections if section.theme == "A")
    chords = [span.chord.symbol for span in composition.chords if first.start <= span.start < first.end]
    assert chords[:4] == ["Am", "F", "C", "G"]
