"""All measurements of one render, cached as JSON so that a long run can be resumed."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.music import audio, midi_score, renders
from benchmarks.music.metrics import (
    composition_metrics,
    form_metrics,
    harmony_metrics,
    loudness_metrics,
    rhythm_metrics,
    spectrum_metrics,
    technical_checks,
)
from benchmarks.music.metrics.technical_checks import CHECKS
from benchmarks.music.prompts import Prompt
from benchmarks.music.reference_ranges import RANGES, applicable_ranges
from engines.studio.theory.metre import metre_named

METRICS_VERSION: Final = 6
"""Increase this with any change of a metric's definition, which invalidates cached reports."""
USUAL_LUFS: Final = -14.0
"""The requested loudness of most prompts; the loudness of others is shifted by the difference before it is checked."""
MIN_PULSE_CLARITY: Final = 0.25
"""Lowest pulse clarity at which the tempo of the audio is evaluated besides that of the MIDI file."""
Report = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """One prompt with one seed, for a number of seconds."""

    prompt: Prompt
    seed: int
    seconds: float

    def path(self, folder: Path, sources: str) -> Path:
        """Return the path of the report, which depends on engine sources, prompt, seed, length and METRICS_VERSION."""
        digest = hashlib.sha256(f"{self.prompt.text}|{METRICS_VERSION}".encode()).hexdigest()[:6]
        name = re.sub(r"[^a-z0-9]+", "-", self.prompt.text.lower())[:40].strip("-")
        return folder / sources / f"{name}-{digest}-{self.seed}-{self.seconds:g}s.json"


def load_report(job: Job, folder: Path, sources: str) -> Report | None:
    """Return the cached report, or None."""
    path = job.path(folder, sources)
    if not path.exists():
        return None
    report: Report = json.loads(path.read_text())
    return report


def create_report(job: Job, folder: Path, sources: str) -> Report:
    """Render in a new process, measure in this one, and cache the report."""
    with TemporaryDirectory() as folder_name:
        work = Path(folder_name)
        facts = renders.render_in_subprocess(renders.RenderOrder(job.prompt.text, job.seconds, job.seed), work)
        report = {
            "prompt": job.prompt.text,
            "seed": job.seed,
            "seconds": job.seconds,
            **facts,
            **measure(work, facts, job),
        }
    path = job.path(folder, sources)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".part").write_text(json.dumps(report))
    path.with_suffix(".part").replace(path)
    return report


def measure(work: Path, facts: Report, job: Job) -> Report:
    """Measure the files of a render."""
    sound = audio.load(work / renders.MP3_FILE)
    music = midi_score.read(work / renders.MIDI_FILE, facts["chords"], facts["facts"]["key"])
    metrics = {
        **technical_checks.measure(sound, job.seconds),
        **spectrum_metrics.measure(sound),
        **rhythm_metrics.measure(sound),
    }
    metrics |= {**harmony_metrics.measure(sound), **form_metrics.measure(sound)}
    curves = loudness_metrics.loudness_curves(sound)
    metrics["loudness_range"] = loudness_metrics.loudness_range(curves.short)
    metrics["level_jump"] = loudness_metrics.level_jump(curves.short, job.seconds)
    metrics["micro_dynamics"] = loudness_metrics.micro_dynamics(curves)
    metrics["peak_to_loudness"] = metrics["true_peak"] - metrics["loudness"]
    if isinstance(requested := facts.get("requested_lufs"), float):
        metrics["loudness"] += USUAL_LUFS - requested
    reported_tempo = facts["facts"]["tempo_bpm"]
    audio_error = rhythm_metrics.tempo_error(sound, reported_tempo)
    counted_tempo = music.tempo / metre_named(facts["facts"]["metre"]).counted_beat
    midi_error = 100.0 * (counted_tempo / (job.prompt.tempo or reported_tempo) - 1.0)
    has_pulse = metrics["pulse"] >= MIN_PULSE_CLARITY
    tune = composition_metrics.melody(music, composition_metrics.melody_part_names(facts["facts"]["style"]))
    metrics["tempo_error"] = max(midi_error, audio_error if has_pulse else 0.0, key=abs)
    return {
        "metrics": {name: round(value, 5) for name, value in metrics.items()},
        "audio_tempo_error": round(audio_error, 3) if has_pulse else None,
        "symbols": {name: round(value, 4) for name, value in _score_metrics(music, facts).items()},
        "ends_at_home": composition_metrics.ends_on_tonic_chord(music),
        "motifs": ["/".join(f"{a},{b}" for a, b in motif) for motif in composition_metrics.motif_ngrams(tune)],
    }


def _score_metrics(music: midi_score.MidiScore, facts: Report) -> dict[str, float]:
    return composition_metrics.measure(
        music, list(facts["stems_dbfs"]), composition_metrics.melody_part_names(facts["facts"]["style"])
    )


def share_in_range(report: Report) -> float:
    """Return the share of metrics within the ranges that apply to the rendered style."""
    ranges = applicable_ranges(report["facts"]["style"], report["metrics"])
    return sum(range_.contains(report["metrics"][name]) for name, range_ in ranges.items()) / len(ranges)


def share_in_all_ranges(report: Report) -> float:
    """Return the share of metrics within all ranges."""
    return sum(range_.contains(report["metrics"][name]) for name, range_ in RANGES.items()) / len(RANGES)


def share_in_middle_half(report: Report) -> float:
    """Return the share of metrics within the middle half of the ranges that apply."""
    ranges = applicable_ranges(report["facts"]["style"], report["metrics"])
    return sum(range_.is_in_middle_half(report["metrics"][name]) for name, range_ in ranges.items()) / len(ranges)


def failed_checks(report: Report) -> list[str]:
    """Return the names of the failed technical checks."""
    return [name for name, check in CHECKS.items() if not check.is_acceptable(report["metrics"][name])]
