"""Adherence of tracks to their prompts, contrast between opposite prompts, and diversity between seeds."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from statistics import median
from typing import Final

from benchmarks.music.measurements import Report
from benchmarks.music.midi_score import pitch_class
from benchmarks.music.prompts import Prompt
from benchmarks.music.tables import Table, number

STEMS: Final = frozenset({"drums", "bass", "harmony", "melody", "texture"})
AUDIBLE_DBFS: Final = -55.0
Results = Mapping[Prompt, Sequence[Report]]


def check_prompt(prompt: Prompt, report: Report) -> dict[str, bool]:
    """Return whether each requirement of the prompt is met, by a readable name."""
    facts = report["facts"]
    checks: dict[str, bool] = {}
    if prompt.tempo is not None:
        checks[f"tempo {prompt.tempo:g}"] = abs(report["metrics"]["tempo_error"]) <= 1.0
    if prompt.key is not None:
        checks[f"key {prompt.key}"] = _is_same_key(prompt.key, facts["key"])
    for name in prompt.present:
        checks[f"with {name}"] = _plays(name, report)
    for name in prompt.absent:
        checks[f"without {name}"] = not _plays(name, report)
    return checks


def _is_same_key(requested: str, reported: str) -> bool:
    (tonic, _, mode), (other_tonic, _, other_mode) = requested.partition(" "), reported.partition(" ")
    return pitch_class(tonic) == pitch_class(other_tonic) and mode == other_mode


def _plays(name: str, report: Report) -> bool:
    if name in STEMS:
        return float(report["stems_dbfs"].get(name, -120.0)) > AUDIBLE_DBFS
    return any(name.lower() in part.lower() for part in report["parts"])


def adherence_table(results: Results) -> Table:
    """Tabulate how often each kind of requirement is met, and the failures."""
    met: dict[str, list[bool]] = {}
    failed: dict[str, list[str]] = {}
    for prompt, reports in results.items():
        for report in reports:
            for name, is_met in check_prompt(prompt, report).items():
                kind = name.split()[0]
                met.setdefault(kind, []).append(is_met)
                if not is_met:
                    failed.setdefault(kind, []).append(f'"{prompt.text}" ({name})')
    rows = tuple(
        (kind, f"{sum(checks)} of {len(checks)}", "; ".join(dict.fromkeys(failed.get(kind, []))) or "-")
        for kind, checks in met.items()
    )
    note = "Tempo within 1 % in the MIDI file and, if the pulse is clear, in the audio; instruments by stem or part."
    return Table("Adherence", note, ("requirement", "met", "not met"), rows)


CONTRASTS: Final[Mapping[str, Callable[[Report], float]]] = {
    "onsets per second": lambda report: float(report["metrics"]["onsets"]),
    "energy (onset strength)": lambda report: float(report["metrics"]["flux"]),
    "brightness (centroid, Hz)": lambda report: float(report["metrics"]["centroid"]),
}


def contrast_table(results: Results) -> Table:
    """Tabulate the medians of the calm and the energetic prompt of each pair; all values should rise."""
    rows = []
    pairs = dict.fromkeys(prompt.pair for prompt in results if prompt.pair)
    for pair in pairs:
        poles = {prompt.pole: results[prompt] for prompt in results if prompt.pair == pair}
        if not (poles.get("calm") and poles.get("energetic")):
            continue
        cells = []
        for value in CONTRASTS.values():
            calm, energetic = (median(map(value, poles[pole])) for pole in ("calm", "energetic"))
            text = f"{number(calm)} < {number(energetic)}"
            cells.append(text if calm < energetic else f"**{text.replace('<', '≥')}**")
        rows.append((str(pair), *cells))
    return Table("Opposites: calm and energetic", "", ("pair", *CONTRASTS), tuple(rows))


def diversity_table(results: Results) -> Table:
    """Tabulate what two seeds of one prompt have in common: melodic motifs, tempo, key and samples."""
    rows = []
    for prompt, reports in results.items():
        for one, two in combinations(reports, 2):
            shared = _jaccard_index(one["motifs"], two["motifs"])
            rows.append(
                (
                    shared,
                    abs(one["facts"]["tempo_bpm"] - two["facts"]["tempo_bpm"]),
                    one["facts"]["key"] != two["facts"]["key"],
                    one["pcm_sha256"] == two["pcm_sha256"],
                    prompt,
                )
            )
    if not rows:
        return Table("Diversity between seeds", "Only one seed was rendered.", (), ())
    free = [row for row in rows if row[4].key is None]
    return Table(
        "Diversity between seeds",
        "Pairs of one prompt with two seeds.",
        ("property", "value"),
        (
            ("pairs", str(len(rows))),
            ("equal recordings", str(sum(row[3] for row in rows))),
            ("melodic motifs of 4 notes in common, median", f"{100 * median(row[0] for row in rows):.0f} %"),
            ("difference of tempo if none was requested, BPM, median", _tempo_difference(rows)),
            ("different key if none was requested", f"{sum(row[2] for row in free)} of {len(free)}"),
        ),
    )


def _tempo_difference(rows: Sequence[tuple[float, float, bool, bool, Prompt]]) -> str:
    free = [row[1] for row in rows if row[4].tempo is None]
    return number(median(free)) if free else "-"


def _jaccard_index(one: Sequence[str], two: Sequence[str]) -> float:
    first, second = set(one), set(two)
    return len(first & second) / max(1, len(first | second))
