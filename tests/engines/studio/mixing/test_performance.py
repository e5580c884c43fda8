import numpy as np
import pytest

from engines.studio.mixing.performance import NoteEvent, TempoMap, without_doubled_strokes
from engines.studio.orchestration import casting
from engines.studio.prompt import reader


def strokes(pitch: int, *starts: float) -> list[NoteEvent]:
    return [NoteEvent(start, 0.1, pitch, 0.8) for start in starts]


def test_a_second_kit_leaves_the_strokes_that_the_first_one_plays() -> None:
    first, second = [*strokes(36, 0.0, 1.0), *strokes(42, 0.5)], [*strokes(35, 0.01, 0.5), *strokes(46, 0.52, 0.75)]
    kept, others = without_doubled_strokes([first, second])
    assert kept == first
    assert others == [*strokes(35, 0.5), *strokes(46, 0.75)]


def test_a_kit_beside_another_one_plays_percussion_between_the_beats() -> None:
    parts = [
        part for part in casting.cast_parts(reader.read("rock with congas and 808 drums", ())) if part.stem == "drums"
    ]
    assert {part.instrument for part in parts} == {"latin_kit", "kit_808"}
    assert len({part.writer for part in parts}) == len(parts)


@pytest.mark.parametrize("position", [-1.0, 0.0, 2.0, 4.0, 33.3, 142.0, 149.5, 150.0, 160.5, 200.0])
def test_a_tempo_map_interpolates_like_numpy(position: float) -> None:
    tempo_map = TempoMap(97.3, 160.5, 99.1, 0.1, 150.0, (4.0, 2.5))
    assert tempo_map.seconds_at(position) == np.interp(position, tempo_map.beats, tempo_map.seconds)
    assert tempo_map.beat_at(position) == np.interp(position, tempo_map.seconds, tempo_map.beats)
