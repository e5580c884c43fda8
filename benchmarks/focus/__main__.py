"""The command: ``python -m benchmarks.focus --minutes 20`` renders a session, joins it and measures every join."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
from rich.console import Console

from benchmarks.focus import player, session_renders, similarity, transitions
from benchmarks.focus.session_renders import RenderedSegment
from benchmarks.focus.similarity import Bar, MonoSignal
from benchmarks.focus.transitions import Transition
from benchmarks.music.tables import Table
from core.focus import Goal, Intensity
from engines.focus_port import BeatGrid, Controls
from engines.port import SAMPLE_RATE

LOUDNESS_LU, BEAT_MS, LENGTH = 1.5, 10.0, 0.01
"""What docs/guides/focus.md promises of a join and of the whole."""


@dataclass
class SessionMeasurements:
    """What was measured so far."""

    transitions: list[Transition] = field(default_factory=list)
    signatures: list[tuple[MonoSignal, list[Bar]]] = field(default_factory=list)
    grids: list[BeatGrid] = field(default_factory=list)
    segment_seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)

    @property
    def total_seconds(self) -> float:
        """How long it plays, by the lengths of the files and the stated overlaps."""
        return sum(self.segment_seconds) - sum(grid.overlap_ms for grid in self.grids[:-1]) / 1000.0


def build_parser() -> argparse.ArgumentParser:
    """What may be asked for."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.focus", description="Renders and measures a session.")
    made.add_argument("--minutes", type=int, default=20, help="length of the session")
    made.add_argument("--goal", type=Goal, default=Goal.FOCUS, choices=list(Goal))
    made.add_argument("--intensity", type=Intensity, default=Intensity.MEDIUM, choices=list(Intensity))
    made.add_argument("--divergence", type=float, default=0.3)
    made.add_argument("--prompt")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--markdown", action="store_true", help="print plain markdown instead of tables")
    made.add_argument("--listen", type=Path, metavar="FILE", help="write the session as it is heard (FLAC or WAV)")
    return made


def render_segments(words: argparse.Namespace, session: SessionMeasurements) -> Iterator[RenderedSegment]:
    """Every segment in turn, while what it needs is counted."""
    controls = Controls(words.goal, words.intensity, words.divergence, words.prompt)
    for segment in session_renders.plan_segments(controls, words.seed, words.minutes):
        begun = time.process_time()
        one = session_renders.render_segment(segment)
        session.cpu_seconds.append(time.process_time() - begun)
        session.segment_seconds.append(len(one.audio) / SAMPLE_RATE)
        session.grids.append(segment.grid)
        session.signatures.append((similarity.normalized_mono(one), similarity.pitched_bars(one)))
        sys.stderr.write(
            f"segment {segment.index}: {session.segment_seconds[-1]:.1f} s, {one.style}, {segment.grid.key}\n"
        )
        yield one


def measure_session(words: argparse.Namespace) -> SessionMeasurements:
    """A session, segment by segment; two of them are kept at a time."""
    session = SessionMeasurements()
    recorder = Recorder(words.listen)
    last: RenderedSegment | None = None
    for one in render_segments(words, session):
        if last:
            session.transitions.append(transitions.measure_transition(last, one))
        recorder.add(one)
        last = one
    recorder.close()
    return session


class Recorder:
    """Writes what a listener hears, if a file was named."""

    def __init__(self, path: Path | None) -> None:
        self._file = soundfile.SoundFile(path, "w", SAMPLE_RATE, 2, subtype="PCM_16") if path else None
        self._tail = np.zeros((0, 2), dtype=np.float32)

    def add(self, one: RenderedSegment) -> None:
        """Lays a segment over what is left of the last."""
        if self._file:
            sound = player.apply_fades(one)
            sound[: len(self._tail)] += self._tail
            kept = len(sound) - round(one.grid.overlap_ms * SAMPLE_RATE / 1000)
            self._file.write(sound[:kept])
            self._tail = sound[kept:]

    def close(self) -> None:
        """Ends the file."""
        if self._file:
            self._file.close()


def _marked(text: str, *, is_good: bool) -> str:
    return text if is_good else f"**{text}**"


def transition_table(session: SessionMeasurements) -> Table:
    """A row for each join."""
    rows = tuple(
        (
            f"{one.index} \u2192 {one.index + 1}",
            f"{one.before_lufs:.1f}",
            f"{one.min_lufs:.1f} \u2026 {one.max_lufs:.1f}",
            f"{one.after_lufs:.1f}",
            _marked(f"{one.deviation:.2f}", is_good=one.deviation <= LOUDNESS_LU),
            _marked(f"{one.beat_ms:.0f} ({one.beat_count})", is_good=one.beat_ms <= BEAT_MS),
            _marked(f"{one.note_ms:.1f}", is_good=one.note_ms <= BEAT_MS),
            _marked(f"{one.peak_dbtp:.1f}", is_good=one.peak_dbtp <= 0.0),
            f"{one.step_db:.1f} / {one.usual_step_db:.1f}",
            f"{one.correlation:+.2f}",
            _marked(" \u2192 ".join(dict.fromkeys(one.keys)), is_good=one.is_allowed_step),
        )
        for one in session.transitions
    )
    columns = (
        "join",
        "before",
        "at",
        "after",
        "LU apart",
        "beat ms (strokes)",
        "note ms",
        "peak dBTP",
        "step dB / around",
        "likeness",
        "key",
    )
    return Table("Joins", HOW_TO_READ, columns, rows)


HOW_TO_READ = (
    "Short-term loudness in LUFS: mean of the 12 s before the overlap, lowest and highest in it, mean of the 12 s "
    "after, and how far the inner two lie from the outer two at most. How far beats are heard from the grid (over how "
    "many drum strokes), and how far notes are written from it. The farthest step of the spectrum in the overlap, "
    "beside what is usual around. The correlation of both sides."
)


def session_table(session: SessionMeasurements, minutes: int) -> Table:
    """What holds of the session."""
    tempi = sorted({grid.tempo_bpm for grid in session.grids})
    asked, total = 60.0 * minutes, session.total_seconds
    heard, written = similarity.highest_similarities(session.signatures)
    rows = (
        ("segments", str(len(session.segment_seconds))),
        ("requested", f"{asked:.3f} s"),
        ("plays", f"{total:.3f} s"),
        ("error", _marked(f"{100 * (total / asked - 1):+.4f} %", is_good=abs(total / asked - 1) <= LENGTH)),
        ("tempo", ", ".join(f"{tempo:g} BPM" for tempo in tempi)),
        ("highest similarity of two segments, audio", f"{heard:.2f}"),
        ("most bars in common of two segments", f"{100 * written:.0f} %"),
        ("CPU seconds, first segment", f"{session.cpu_seconds[0]:.1f}"),
        ("CPU seconds, all", f"{sum(session.cpu_seconds):.1f}"),
    )
    return Table("Whole", "", ("what", "value"), rows)


def meets_limits(session: SessionMeasurements, minutes: int) -> bool:
    """Whether everything that docs/guides/focus.md promises holds."""
    good = all(
        one.deviation <= LOUDNESS_LU
        and max(one.beat_ms, one.note_ms) <= BEAT_MS
        and one.peak_dbtp <= 0.0
        and one.is_allowed_step
        for one in session.transitions
    )
    return good and abs(session.total_seconds / (60.0 * minutes) - 1) <= LENGTH


def main(given: Sequence[str] | None = None) -> int:
    """Runs the command; 1 when a promise is not kept."""
    words = build_parser().parse_args(given)
    session = measure_session(words)
    for table in (transition_table(session), session_table(session, words.minutes)):
        if words.markdown:
            sys.stdout.write(f"{table.markdown()}\n")
        else:
            table.show(Console())
    return 0 if meets_limits(session, words.minutes) else 1


if __name__ == "__main__":
    sys.exit(main())
