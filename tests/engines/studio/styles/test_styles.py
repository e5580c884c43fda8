import pytest

from engines.studio.composing.melody import RHYTHM_CELLS
from engines.studio.effects import chains
from engines.studio.instruments import CATALOGUE
from engines.studio.mixing.mixdown import STEM_ORDER
from engines.studio.model.style import Style
from engines.studio.styles import STYLES
from engines.studio.theory.pitch import Key, parse_chord

EXPECTED = {
    "lofi", "boombap", "trap", "house", "techno", "trance", "dnb", "synthwave", "chiptune", "ambient", "drone",
    "meditation", "jazz", "bossa", "blues", "funk", "neosoul", "reggae", "rock", "metal", "folk", "piano", "quartet",
    "cinematic",
}  # fmt: skip


def test_all_documented_styles_exist() -> None:
    assert set(STYLES) >= EXPECTED


def test_styles_have_different_keywords_and_instruments() -> None:
    keywords = [keyword for style in STYLES.values() for keyword in style.keywords]
    assert len(keywords) == len(set(keywords))
    instruments = {tuple(sorted(part.instrument for part in style.parts)) for style in STYLES.values()}
    assert len(instruments) == len(STYLES)


@pytest.mark.parametrize("style", STYLES.values(), ids=list(STYLES))
def test_the_references_of_a_style_are_valid(style: Style) -> None:
    assert style.tempo_range[0] <= style.tempo_range[1] <= style.tempo_range[2]
    assert style.melody_feel in RHYTHM_CELLS
    assert len({part.name for part in style.parts}) == len(style.parts)
    for part in style.parts:
        assert part.stem in STEM_ORDER
        assert part.instrument in CATALOGUE
        assert set(part.effects) <= {*chains.INSERT_EFFECTS, *chains.DUCKING_EFFECTS, *chains.TREMOLO_EFFECTS}


@pytest.mark.parametrize("style", STYLES.values(), ids=list(STYLES))
def test_every_chord_of_a_style_is_valid_in_its_modes(style: Style) -> None:
    for mode in style.modes:
        key = Key(0, mode)
        lines = [line for options in style.themes(key).values() for line in options]
        tokens = [token for line in (*lines, *style.cadence) for token in line.replace("|", " ").split()]
        assert all(len(parse_chord(token, key).tones) >= 2 for token in tokens)


@pytest.mark.parametrize("style", STYLES.values(), ids=list(STYLES))
def test_the_form_and_the_progressions_of_a_style_have_theme_a(style: Style) -> None:
    themes = {theme for _, theme, _ in (style.form.intro, *style.form.body, style.form.outro)}
    assert {"A"} <= themes
    assert set(style.progressions) >= {"major A", "minor A"}
