"""The plan of a session as a table: tempo, key, energy, style and instruments of every segment, without audio."""

from benchmarks.focus import session_renders
from benchmarks.music.tables import Table
from core import focus
from engines.focus_port import FocusControls
from engines.studio.focus import segments
from engines.studio.instruments import CATALOGUE


def plan_table(controls: FocusControls, seed: int, minutes: int) -> Table:
    """Return a row for each segment; instruments are those of the style that differ from the segment before."""
    rows: list[tuple[str, ...]] = []
    previous = frozenset[str]()
    for segment in session_renders.plan_segments(controls, seed, minutes):
        request = segments.interpret_segment(segment).effective
        playing = frozenset(CATALOGUE[part.instrument].name for part in request.style.parts)
        new = "" if not previous else ", ".join(sorted(playing - previous)) or "\u2013"
        rows.append((
            str(segment.index),
            _clock(focus.planned_start_seconds(minutes, segment.index)),
            f"{segment.grid.tempo_bpm:g}",
            segment.grid.key,
            f"{request.energy:.2f}",
            request.style.name,
            new or ", ".join(sorted(playing)),
        ))  # fmt: skip
        previous = playing
    legend = "Start in minutes, tempo in BPM, energy from 0 to 1. Instruments: all of the first segment, then new ones."
    columns = ("segment", "start", "tempo", "key", "energy", "style", "instruments")
    return Table("Plan", legend, columns, tuple(rows))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
