import pytest

from engines.port import RenderRequest
from engines.studio.arranging import arrangement, interpretation
from engines.studio.arranging.arrangement import Arrangement
from engines.studio.model.composition import LAST_CHORD, Section
from engines.studio.styles import STYLES

SECONDS = 25.0
PROMPTS = [
    *(style.keywords[0] for style in STYLES.values()),
    "energetic classical piano", "classical piano in 3/4, sparse", "calm salsa", "baroque with timpani and harp",
]  # fmt: skip


def arrange(text: str, seconds: float = SECONDS) -> Arrangement:
    interpreted = interpretation.interpret(RenderRequest(text, seconds, 1))
    return arrangement.compose(interpreted.effective, seconds, interpreted.seed)


def playing_stems(arranged: Arrangement, section: Section) -> set[str]:
    notes = arranged.composition.notes
    return {
        part.stem
        for part in arranged.parts
        if any(section.start - 0.1 <= note.start < section.end - 0.1 for note in notes[part.name])
    }


@pytest.mark.parametrize("text", PROMPTS)
def test_no_melody_is_left_alone_and_no_part_enters_with_the_last_chord(text: str) -> None:
    arranged = arrange(text)
    sections = [section for section in arranged.composition.sections if section.name != LAST_CHORD]
    for section in sections:
        assert playing_stems(arranged, section) & {"harmony", "bass"}, section
    firsts = [min(note.start for note in notes) for notes in arranged.composition.notes.values() if notes]
    assert max(firsts) < sections[-1].end - 0.1


@pytest.mark.parametrize("seed", range(1, 7))
def test_a_development_of_classical_piano_has_a_left_hand(seed: int) -> None:
    interpreted = interpretation.interpret(RenderRequest("classical piano", 60.0, seed))
    arranged = arrangement.compose(interpreted.effective, 60.0, interpreted.seed)
    developments = [section for section in arranged.composition.sections if section.name == "development"]
    assert all("harmony" in playing_stems(arranged, section) for section in developments)
