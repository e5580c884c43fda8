"""``python -m benchmarks.focus --minutes 20``: render a session, crossfade its segments, measure every transition."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
from rich.console import Console

from benchmarks.focus import player, session_plan, session_renders, similarity, transitions
from benchmarks.focus.session_renders import RenderedSegment
from benchmarks.focus.similarity import Bar, MonoSignal
from benchmarks.focus.transitions import Transition
from benchmarks.music.tables import Table
from core.focus import Goal, Intensity
from engines.focus_port import BeatGrid, FocusControls
from engines.port import SAMPLE_RATE

MAX_DEVIATION_LU, MAX_BEAT_ERROR_MS, MAX_LENGTH_ERROR = 1.5, 10.0, 0.01
"""The limits that docs/guides/focus.md documents; the last is a share of the length."""


@dataclass
class SessionMeasurements:
    """The measurements of a session."""

    transitions: list[Transition] = field(default_factory=list)
    signatures: list[tuple[MonoSignal, list[Bar]]] = field(default_factory=list)
    grids: list[BeatGrid] = field(default_factory=list)
    segment_seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)

    @property
    def total_seconds(self) -> float:
        """Playback time, from the lengths of the segments and their overlaps."""
        return sum(self.segment_seconds) - sum(grid.overlap_ms for grid in self.grids[:-1]) / 1000.0


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.focus", description="Render and measure a session.")
    parser.add_argument("--minutes", type=int, default=20, help="length of the session")
    parser.add_argument("--goal", type=Goal, default=Goal.FOCUS, choices=list(Goal))
    parser.add_argument("--intensity", type=Intensity, default=Intensity.MEDIUM, choices=list(Intensity))
    parser.add_argument("--divergence", type=float, default=0.3)
    parser.add_argument("--prompt")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plan", action="store_true", help="print the plan of the session instead of rendering it")
    parser.add_argument("--markdown", action="store_true", help="print plain markdown instead of tables")
    parser.add_argument(
        "--listen", type=Path, metavar="FILE", help="write the crossfaded session to a file (FLAC or WAV)"
    )
    return parser


def render_segments(options: argparse.Namespace, session: SessionMeasurements) -> Iterator[RenderedSegment]:
    """Yield every segment and record its measurements."""
    controls = FocusControls(options.goal, options.intensity, options.divergence, options.prompt)
    for segment in session_renders.plan_segments(controls, options.seed, options.minutes):
        started_at = time.process_time()
        rendered = session_renders.render_segment(segment)
        session.cpu_seconds.append(time.process_time() - started_at)
        session.segment_seconds.append(len(rendered.audio) / SAMPLE_RATE)
        session.grids.append(segment.grid)
        session.signatures.append((similarity.normalized_mono(rendered), similarity.pitched_bars(rendered)))
        sys.stderr.write(
            f"segment {segment.index}: {session.segment_seconds[-1]:.1f} s, {rendered.style}, {segment.grid.key}\n"
        )
        yield rendered


def measure_session(options: argparse.Namespace) -> SessionMeasurements:
    """Render and measure a session with two segments in memory at a time."""
    session = SessionMeasurements()
    recorder = Recorder(options.listen)
    previous: RenderedSegment | None = None
    for rendered in render_segments(options, session):
        if previous:
            session.transitions.append(transitions.measure_transition(previous, rendered))
        recorder.add(rendered)
        previous = rendered
    recorder.close()
    return session


class Recorder:
    """Write the crossfaded session to ``path``, if there is one."""

    def __init__(self, path: Path | None) -> None:
        self._file = soundfile.SoundFile(path, "w", SAMPLE_RATE, 2, subtype="PCM_16") if path else None
        self._tail = np.zeros((0, 2), dtype=np.float32)

    def add(self, rendered: RenderedSegment) -> None:
        """Mix a segment with the end of the previous one and write all but its own end."""
        if self._file:
            sound = player.apply_fades(rendered)
            sound[: len(self._tail)] += self._tail
            length = len(sound) - round(rendered.grid.overlap_ms * SAMPLE_RATE / 1000)
            self._file.write(sound[:length])
            self._tail = sound[length:]

    def close(self) -> None:
        if self._file:
            self._file.close()


def _bold_unless(text: str, *, is_within_limit: bool) -> str:
    return text if is_within_limit else f"**{text}**"


def transition_table(session: SessionMeasurements) -> Table:
    rows = tuple(
        (
            f"{transition.index} \u2192 {transition.index + 1}",
            f"{transition.before_lufs:.1f}",
            f"{transition.min_lufs:.1f} \u2026 {transition.max_lufs:.1f}",
            f"{transition.after_lufs:.1f}",
            _bold_unless(f"{transition.deviation:.2f}", is_within_limit=transition.deviation <= MAX_DEVIATION_LU),
            _bold_unless(
                f"{transition.beat_ms:.0f} ({transition.beat_count})",
                is_within_limit=transition.beat_ms <= MAX_BEAT_ERROR_MS,
            ),
            _bold_unless(f"{transition.note_ms:.1f}", is_within_limit=transition.note_ms <= MAX_BEAT_ERROR_MS),
            _bold_unless(f"{transition.peak_dbtp:.1f}", is_within_limit=transition.peak_dbtp <= 0.0),
            f"{transition.step_db:.1f} / {transition.usual_step_db:.1f}",
            f"{transition.correlation:+.2f}",
            _bold_unless(" \u2192 ".join(dict.fromkeys(transition.keys)), is_within_limit=transition.is_allowed_step),
        )
        for transition in session.transitions
    )
    columns = (
        "transition",
        "before",
        "overlap",
        "after",
        "deviation LU",
        "beat ms (strokes)",
        "note ms",
        "peak dBTP",
        "step dB / context",
        "correlation",
        "key",
    )
    return Table("Transitions", LEGEND, columns, rows)


LEGEND = (
    "Short-term loudness in LUFS: mean of the 12 s before the overlap, minimum and maximum in it, mean of the 12 s "
    "after it; the largest deviation of the overlap from either side. Largest distance of drum onsets from the beat "
    "grid in the audio (number of strokes), and of notes in the score. Largest spectral change in the overlap, and the "
    "usual one around it. Correlation of the two segments in the overlap."
)


def session_table(session: SessionMeasurements, minutes: int) -> Table:
    tempi = sorted({grid.tempo_bpm for grid in session.grids})
    requested, total = 60.0 * minutes, session.total_seconds
    correlation, shared = similarity.highest_similarities(session.signatures)
    rows = (
        ("segments", str(len(session.segment_seconds))),
        ("requested", f"{requested:.3f} s"),
        ("playback time", f"{total:.3f} s"),
        (
            "error",
            _bold_unless(
                f"{100 * (total / requested - 1):+.4f} %",
                is_within_limit=abs(total / requested - 1) <= MAX_LENGTH_ERROR,
            ),
        ),
        ("tempo", ", ".join(f"{tempo:g} BPM" for tempo in tempi)),
        ("highest correlation of two segments", f"{correlation:.2f}"),
        ("highest share of common bars of two segments", f"{100 * shared:.0f} %"),
        ("CPU seconds, first segment", f"{session.cpu_seconds[0]:.1f}"),
        ("CPU seconds, all", f"{sum(session.cpu_seconds):.1f}"),
    )
    return Table("Session", "", ("property", "value"), rows)


def meets_limits(session: SessionMeasurements, minutes: int) -> bool:
    """Return whether the session is within the limits that docs/guides/focus.md documents."""
    is_within_limits = all(
        transition.deviation <= MAX_DEVIATION_LU
        and max(transition.beat_ms, transition.note_ms) <= MAX_BEAT_ERROR_MS
        and transition.peak_dbtp <= 0.0
        and transition.is_allowed_step
        for transition in session.transitions
    )
    return is_within_limits and abs(session.total_seconds / (60.0 * minutes) - 1) <= MAX_LENGTH_ERROR


def _show(table: Table, options: argparse.Namespace) -> None:
    if options.markdown:
        sys.stdout.write(f"{table.markdown()}\n")
    else:
        table.show(Console())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 1 if a limit is exceeded."""
    options = build_parser().parse_args(arguments)
    if options.plan:
        controls = FocusControls(options.goal, options.intensity, options.divergence, options.prompt)
        _show(session_plan.plan_table(controls, options.seed, options.minutes), options)
        return 0
    session = measure_session(options)
    for table in (transition_table(session), session_table(session, options.minutes)):
        _show(table, options)
    return 0 if meets_limits(session, options.minutes) else 1


if __name__ == "__main__":
    sys.exit(main())
