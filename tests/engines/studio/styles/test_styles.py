import pytest

from engines.studio.composing.melody import RHYTHM_CELLS
from engines.studio.effects import chains
from engines.studio.instruments import CATALOGUE
from engines.studio.mixing.mixdown import STEM_ORDER
from engines.studio.model.style import Style
from engines.studio.styles import STYLES
from engines.studio.theory.pitch import Key, parse_chord

ASKED = {
    "lofi", "boombap", "trap", "house", "techno", "trance", "dnb", "synthwave", "chiptune", "ambient", "drone",
    "meditation", "jazz", "bossa", "blues", "funk", "neosoul", "reggae", "rock", "metal", "folk", "piano", "quartet",
    "cinematic",
}  # fmt: skip


def test_every_style_that_was_asked_for_exists() -> None:
    assert set(STYLES) >= ASKED


def test_no_two_styles_share_a_word_or_a_band() -> None:
    words = [word for style in STYLES.values() for word in style.keywords]
    assert len(words) == len(set(words))
    bands = {tuple(sorted(part.instrument for part in style.parts)) for style in STYLES.values()}
    assert len(bands) == len(STYLES)


@pytest.mark.parametrize("style", STYLES.values(), ids=list(STYLES))
def test_a_style_names_only_what_exists(style: Style) -> None:
    assert style.tempo_range[0] <= style.tempo_range[1] <= style.tempo_range[2]
    assert style.melody_feel in RHYTHM_CELLS
    assert len({part.name for part in style.parts}) == len(style.parts)
    for part in style.parts:
        assert part.stem in STEM_ORDER
        assert part.instrument in CATALOGUE
        assert set(part.effects) <= {*chains.INSERT_EFFECTS, *chains.DUCKING_EFFECTS, *chains.TREMOLO_EFFECTS}


@pytest.mark.parametrize("style", STYLES.values(), ids=list(STYLES))
def test_every_chord_of_a_style_can_be_read_in_its_keys(style: Style) -> None:
    for mode in style.modes:
        key = Key(0, mode)
        lines = [line for options in style.progressions[key.family].values() for line in options]
        tokens = [token for line in (*lines, *style.cadence) for token in line.replace("|", " ").split()]
        assert all(len(parse_chord(token, key).tones) >= 2 for token in tokens)


@pytest.mark.parametrize("style", STYLES.values(), ids=list(STYLES))
def test_a_form_uses_themes_that_its_progressions_know(style: Style) -> None:
    themes = {theme for _, theme, _ in (style.form.intro, *style.form.body, style.form.outro)}
    assert {"A"} <= themes
    assert all("A" in table for table in style.progressions.values())
