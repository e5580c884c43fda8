import pytest

from engines.port import RenderRequest
from engines.studio.arranging import arrangement, interpretation
from engines.studio.arranging.key_changes import EPISODE
from engines.studio.model.composition import Composition
from engines.studio.model.style import Style
from engines.studio.styles import STYLES

SEEDS = range(1, 11)


def style_of(prompt: str, seed: int, seconds: float = 60.0) -> Style:
    return interpretation.interpret(RenderRequest(prompt, seconds, seed)).effective.style


def compose(prompt: str, seed: int, seconds: float) -> Composition:
    interpreted = interpretation.interpret(RenderRequest(prompt, seconds, seed))
    return arrangement.compose(interpreted.effective, seconds, interpreted.seed).composition


@pytest.mark.parametrize("style", STYLES.values(), ids=list(STYLES))
def test_a_line_up_names_parts_and_contains_their_instruments(style: Style) -> None:
    parts = {part.name: part for part in style.parts}
    names = list(parts)
    for name, choices in style.line_up.items():
        others = {f"={other}" for other in names[: names.index(name)]}
        assert parts[name].instrument in choices or set(choices) <= others


def test_seeds_have_different_line_ups_forms_chords_and_masters() -> None:
    styles = [style_of("lofi hip hop", seed) for seed in SEEDS]
    assert len({tuple((part.name, part.instrument) for part in style.parts) for style in styles}) >= 4
    assert len({style.form for style in styles}) >= 4
    assert len({style.progressions[f"{style.modes[0].replace('dorian', 'minor')} A"] for style in styles}) >= 5
    assert len({style.bus_compression for style in styles}) >= 3


def test_a_named_instrument_stays_and_an_excluded_one_is_never_chosen() -> None:
    for seed in SEEDS:
        named = {part.instrument for part in style_of("lofi hip hop with vibraphone and electric piano", seed).parts}
        assert {"vibraphone", "electric_piano"} <= named
        without = {
            part.instrument for part in style_of("boom bap without trumpet", seed).parts if part.stem == "melody"
        }
        assert "trumpet" not in without


def test_a_requested_key_and_progression_stay() -> None:
    for seed in (1, 2, 3):
        piece = compose("pop in D major, I - V - vi - IV", seed, 90.0)
        assert all(section.transposition == 0 for section in piece.sections)
        verse = next(section for section in piece.sections if section.theme == "A" and section.beats >= 16)
        roots = [span.chord.root for span in piece.chords if verse.start <= span.start < verse.start + 16]
        assert roots[:4] == [2, 9, 11, 7]


def test_a_long_piece_has_new_themes_in_another_key_and_returns_home() -> None:
    piece = compose("pop", 4, 480.0)
    episodes = [section for section in piece.sections if section.name == EPISODE]
    assert episodes
    assert all(section.transposition for section in episodes)
    assert {section.theme for section in episodes}.isdisjoint("ABC")
    assert piece.sections[-1].transposition == piece.sections[-2].transposition == 0
