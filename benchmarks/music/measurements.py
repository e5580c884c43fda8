"""Everything that is measured on one render, kept as JSON so that a long run can be taken up again."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.music import (
    audio,
    composition_metrics,
    form_metrics,
    harmony_metrics,
    loudness_metrics,
    midi_score,
    renders,
    rhythm_metrics,
    spectrum_metrics,
    technical_checks,
)
from benchmarks.music.prompts import Prompt
from benchmarks.music.reference_ranges import RANGES, applicable_ranges
from benchmarks.music.technical_checks import CHECKS

METRICS_VERSION: Final = 4
"""Changes with any definition of a metric, so that what was measured otherwise is measured anew."""
MIN_PULSE_CLARITY: Final = 0.25
"""Below this pulse clarity a measured tempo says nothing, and the one in the MIDI file stands alone."""
Report = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """One prompt with one seed, for a number of seconds."""

    prompt: Prompt
    seed: int
    seconds: float

    def path(self, folder: Path, sources: str) -> Path:
        """Where its report is kept; another engine, prompt, length or definition means another file."""
        told = hashlib.sha256(f"{self.prompt.text}|{METRICS_VERSION}".encode()).hexdigest()[:6]
        name = re.sub(r"[^a-z0-9]+", "-", self.prompt.text.lower())[:40].strip("-")
        return folder / sources / f"{name}-{told}-{self.seed}-{self.seconds:g}s.json"


def load_report(job: Job, folder: Path, sources: str) -> Report | None:
    """What was measured before, or None."""
    path = job.path(folder, sources)
    if not path.exists():
        return None
    report: Report = json.loads(path.read_text())
    return report


def create_report(job: Job, folder: Path, sources: str) -> Report:
    """Renders in a fresh process, measures here, and keeps the report."""
    with TemporaryDirectory() as place:
        work = Path(place)
        told = renders.render_in_subprocess(renders.RenderOrder(job.prompt.text, job.seconds, job.seed), work)
        report = {
            "prompt": job.prompt.text,
            "seed": job.seed,
            "seconds": job.seconds,
            **told,
            **measure(work, told, job),
        }
    path = job.path(folder, sources)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".part").write_text(json.dumps(report))
    path.with_suffix(".part").replace(path)
    return report


def measure(work: Path, told: Report, job: Job) -> Report:
    """Measures the files that a rendering left."""
    sound = audio.load(work / renders.MP3_FILE)
    music = midi_score.read(work / renders.MIDI_FILE, told["chords"], told["facts"]["key"])
    found = {
        **technical_checks.measure(sound, job.seconds),
        **spectrum_metrics.measure(sound),
        **rhythm_metrics.measure(sound),
    }
    found |= {**harmony_metrics.measure(sound), **form_metrics.measure(sound)}
    curves = loudness_metrics.loudness_curves(sound)
    found["loudness_range"] = loudness_metrics.loudness_range(curves.short)
    found["micro_dynamics"] = loudness_metrics.micro_dynamics(curves)
    found["peak_to_loudness"] = found["true_peak"] - found["loudness"]
    told_tempo = told["facts"]["tempo_bpm"]
    heard = rhythm_metrics.tempo_error(sound, told_tempo)
    written = 100.0 * (music.tempo / (job.prompt.tempo or told_tempo) - 1.0)
    is_heard = found["pulse"] >= MIN_PULSE_CLARITY
    tune = composition_metrics.melody(music, composition_metrics.melody_part_names(told["facts"]["style"]))
    found["tempo_error"] = max(written, heard if is_heard else 0.0, key=abs)
    return {
        "metrics": {name: round(value, 5) for name, value in found.items()},
        "tempo_heard": round(heard, 3) if is_heard else None,
        "symbols": {name: round(value, 4) for name, value in _symbols(music, told).items()},
        "ends_at_home": composition_metrics.ends_on_tonic_chord(music),
        "motifs": ["/".join(f"{a},{b}" for a, b in gram) for gram in composition_metrics.motif_ngrams(tune)],
    }


def _symbols(music: midi_score.MidiScore, told: Report) -> dict[str, float]:
    return composition_metrics.measure(
        music, list(told["stems_dbfs"]), composition_metrics.melody_part_names(told["facts"]["style"])
    )


def share_in_range(report: Report) -> float:
    """The share that holds of the ranges that apply to the style which was played."""
    ranges = applicable_ranges(report["facts"]["style"], report["metrics"])
    return sum(one.contains(report["metrics"][name]) for name, one in ranges.items()) / len(ranges)


def share_in_all_ranges(report: Report) -> float:
    """The share that holds of all ranges, whatever the style."""
    return sum(one.contains(report["metrics"][name]) for name, one in RANGES.items()) / len(RANGES)


def share_in_middle_half(report: Report) -> float:
    """The share of the middle halves that hold, of the ranges that apply."""
    ranges = applicable_ranges(report["facts"]["style"], report["metrics"])
    return sum(one.is_in_middle_half(report["metrics"][name]) for name, one in ranges.items()) / len(ranges)


def failed_checks(report: Report) -> list[str]:
    """The technical musts that do not hold."""
    return [name for name, one in CHECKS.items() if not one.is_acceptable(report["metrics"][name])]
