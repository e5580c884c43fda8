import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.port import RenderRequest
from engines.studio.arranging import arrangement, interpretation, tempo_fit
from engines.studio.arranging.interpretation import Interpretation
from engines.studio.model.composition import LAST_CHORD, Composition, Plan, Section
from engines.studio.styles import STYLES

KEYS = sorted(STYLES)


def compose(text: str, seconds: float, seed: int = 1, *, loop: bool = False) -> tuple[Composition, Interpretation]:
    interpreted = interpretation.interpret(RenderRequest(text, seconds, seed, loop=loop))
    return arrangement.compose(interpreted.effective, seconds, interpreted.seed).composition, interpreted


def plan_for(text: str, seconds: float) -> Plan:
    style = interpretation.interpret(RenderRequest(text, seconds, 1)).effective
    return tempo_fit.fit(style.style, style.form, seconds, style.tempo, style.style.tempo_range[1])


def peak(piece: Composition | Plan) -> Section:
    return max(piece.sections, key=lambda section: section.energy)


def assert_contiguous(piece: Plan) -> None:
    assert piece.sections[0].start == 0.0
    assert all(first.end == pytest.approx(second.start) for first, second in itertools.pairwise(piece.sections))
    assert piece.sections[-1].end >= piece.beats - 1e-6
    assert all(section.beats > 0 for section in piece.sections)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("words", "share"), [("drop at the beginning", 0.08), ("drop in the middle", 0.5),
                                              ("climax at two thirds", 0.67)])  # fmt: skip
def test_the_energy_peaks_at_the_requested_position(key: str, words: str, share: float) -> None:
    piece = plan_for(f"{STYLES[key].keywords[0]}, {words}", 120.0)
    climax = peak(piece)
    assert_contiguous(piece)
    assert climax.start / piece.beats == pytest.approx(share, abs=0.09)
    assert sum(section.energy >= climax.energy - 0.02 for section in piece.sections) == 1


@pytest.mark.parametrize("seconds", [40.0, 90.0, 240.0])
@pytest.mark.parametrize("at", [12, 20, 30])
def test_a_drop_occurs_at_the_requested_second(seconds: float, at: int) -> None:
    piece = plan_for(f"techno 128 bpm, drop at 0:{at}", seconds)
    assert peak(piece).start * 60.0 / piece.tempo == pytest.approx(at, abs=4.0)
    assert peak(piece).name == "drop"


@pytest.mark.parametrize("key", KEYS)
def test_energies_rise_throughout_a_slow_build(key: str) -> None:
    piece = plan_for(f"{STYLES[key].keywords[0]}, slow build", 120.0)
    outro = STYLES[key].form.outro[0]
    energies = [section.energy for section in piece.sections if section.name not in {LAST_CHORD, outro}]
    assert energies == sorted(energies)
    assert energies[-1] - energies[0] > 0.4


def test_a_build_leads_to_the_requested_drop() -> None:
    piece, _ = compose("house, slow build, drop in the middle", 120.0)
    climax = peak(piece)
    before = [section.energy for section in piece.sections if section.start < climax.start]
    assert climax.name == "drop"
    assert before == sorted(before)
    assert climax.start / piece.beats == pytest.approx(0.5, abs=0.09)


@pytest.mark.parametrize("key", KEYS)
def test_starts_and_ends_have_the_requested_energy(key: str) -> None:
    style = STYLES[key].keywords[0]
    plain, quiet, loud = (plan_for(f"{style}{words}", 90.0) for words in ("", ", quiet intro", ", no intro"))
    assert quiet.sections[0].energy <= 0.21 + 1e-9 < plain.sections[0].energy + 1e-9 or plain.sections[0].energy <= 0.25
    assert loud.sections[0].energy >= 0.8
    finale, soft = (plan_for(f"{style}, {words}", 90.0) for words in ("grand finale", "quiet ending"))
    assert finale.sections[-2].energy > 0.9
    assert soft.sections[-2].energy <= 0.22


@pytest.mark.parametrize("pattern", ["ABA", "AABA", "ABACA"])
def test_a_requested_pattern_orders_the_themes(pattern: str) -> None:
    piece = plan_for(f"jazz, {pattern} form", 120.0)
    body = [section for section in piece.sections if section.name not in {LAST_CHORD, "intro", "outro"}]
    assert "".join(section.theme for section in body) == pattern


@pytest.mark.parametrize("key", KEYS)
def test_a_form_has_contrasts_and_repetitions(key: str) -> None:
    piece = plan_for(STYLES[key].keywords[0], 180.0)
    body = [section for section in piece.sections if section.name != LAST_CHORD]
    assert len({(section.name, section.theme) for section in body}) >= 3
    assert any(section.repetition for section in body)
    assert max(section.energy for section in body) - min(section.energy for section in body) > 0.15
    assert peak(piece).end / piece.beats > 0.4
    assert piece.sections[-1].name == LAST_CHORD


@pytest.mark.parametrize("text", ["techno", "piano 93 bpm", "trap 141.3 bpm", "ambient"])
@pytest.mark.parametrize("seconds", [1.0, 4.2, 10.0, 33.3, 60.0])
def test_a_loop_has_whole_beats_and_no_ending(text: str, seconds: float) -> None:
    piece, interpreted = compose(text, seconds, loop=True)
    assert piece.beats == round(piece.beats)
    assert piece.beats * 60.0 / piece.tempo == pytest.approx(seconds)
    assert LAST_CHORD not in {section.name for section in piece.sections}
    if interpreted.requested.tempo and seconds >= 10:
        assert piece.tempo == pytest.approx(interpreted.requested.tempo, rel=max(0.03, 0.52 / piece.beats))


def test_music_with_a_fade_out_plays_to_the_end_without_a_last_chord() -> None:
    piece, _ = compose("funk, fade out", 61.0)
    assert LAST_CHORD not in {section.name for section in piece.sections}
    assert max(note.start for notes in piece.notes.values() for note in notes) > piece.beats - 2.0


@settings(max_examples=150, deadline=None)
@given(
    key=st.sampled_from(KEYS),
    words=st.lists(
        st.sampled_from(["slow build", "drop at 0:20", "fade out", "no intro", "quiet intro", "ABA", "breakdown",
                         "climax at the end", "grand finale", "winds down", "long intro", "no outro", "83 bpm"]),
        max_size=4,
    ),
    seconds=st.floats(1.0, 600.0),
    loop=st.booleans(),
)  # fmt: skip
def test_any_form_fits_any_length(key: str, words: list[str], seconds: float, loop: bool) -> None:  # noqa: FBT001
    interpreted = interpretation.interpret(
        RenderRequest(", ".join([STYLES[key].keywords[0], *words]), seconds, 1, loop=loop)
    )
    style, tempo = interpreted.effective.style, interpreted.effective.tempo
    plan = tempo_fit.fit(style, interpreted.effective.form, seconds, tempo, style.tempo_range[1])
    assert plan.beats * 60.0 / plan.tempo == pytest.approx(seconds)
    assert plan.sections[0].start == 0.0
    assert all(first.end == pytest.approx(second.start) for first, second in itertools.pairwise(plan.sections))
    assert plan.sections[-1].end >= plan.beats - 1e-6
    assert all(section.beats > 0 and 0.0 < section.energy <= 1.0 for section in plan.sections)
