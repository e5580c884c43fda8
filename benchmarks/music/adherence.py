"""Whether a track does what its prompt asked, opposites differ the right way, and seeds differ at all."""

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
Made = Mapping[Prompt, Sequence[Report]]


def check_prompt(prompt: Prompt, report: Report) -> dict[str, bool]:
    """What was asked for, by a name for people, and whether it came."""
    facts = report["facts"]
    found: dict[str, bool] = {}
    if prompt.tempo is not None:
        found[f"tempo {prompt.tempo:g}"] = abs(report["metrics"]["tempo_error"]) <= 1.0
    if prompt.key is not None:
        found[f"key {prompt.key}"] = _same_key(prompt.key, facts["key"])
    for name in prompt.present:
        found[f"with {name}"] = _plays(name, report)
    for name in prompt.absent:
        found[f"without {name}"] = not _plays(name, report)
    return found


def _same_key(asked: str, told: str) -> bool:
    (tonic, mode), (other, family) = asked.split(), told.split()
    return pitch_class(tonic) == pitch_class(other) and mode == family


def _plays(name: str, report: Report) -> bool:
    if name in STEMS:
        return float(report["stems_dbfs"].get(name, -120.0)) > AUDIBLE_DBFS
    return any(name.lower() in part.lower() for part in report["parts"])


def adherence_table(made: Made) -> Table:
    """How often each kind of wish was met, and which were not."""
    met: dict[str, list[bool]] = {}
    broken: dict[str, list[str]] = {}
    for prompt, reports in made.items():
        for report in reports:
            for name, holds in check_prompt(prompt, report).items():
                kind = name.split()[0]
                met.setdefault(kind, []).append(holds)
                if not holds:
                    broken.setdefault(kind, []).append(f'"{prompt.text}" ({name})')
    rows = tuple(
        (kind, f"{sum(holds)} of {len(holds)}", "; ".join(dict.fromkeys(broken.get(kind, []))) or "-")
        for kind, holds in met.items()
    )
    note = "Tempo within 1 % in the MIDI file and, where the pulse is clear, in the sound; instruments by stem or part."
    return Table("Adherence", note, ("requirement", "met", "not met"), rows)


CONTRASTS: Final[Mapping[str, Callable[[Report], float]]] = {
    "onsets per second": lambda report: float(report["metrics"]["onsets"]),
    "energy (onset strength)": lambda report: float(report["metrics"]["flux"]),
    "brightness (centroid, Hz)": lambda report: float(report["metrics"]["centroid"]),
}


def contrast_table(made: Made) -> Table:
    """For each pair the calm and the energetic median of what should rise."""
    rows = []
    pairs = dict.fromkeys(prompt.pair for prompt in made if prompt.pair)
    for pair in pairs:
        poles = {prompt.pole: made[prompt] for prompt in made if prompt.pair == pair}
        if not (poles.get("calm") and poles.get("energetic")):
            continue
        cells = []
        for value in CONTRASTS.values():
            calm, wild = (median(map(value, poles[pole])) for pole in ("calm", "energetic"))
            text = f"{number(calm)} < {number(wild)}"
            cells.append(text if calm < wild else f"**{text.replace('<', '≥')}**")
        rows.append((str(pair), *cells))
    return Table("Opposites: calm and energetic", "", ("pair", *CONTRASTS), tuple(rows))


def diversity_table(made: Made) -> Table:
    """How much two seeds of one prompt share: melodic motifs, tempo, key and sound."""
    rows = []
    for prompt, reports in made.items():
        for one, two in combinations(reports, 2):
            shared = _overlap(one["motifs"], two["motifs"])
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
        ("what", "value"),
        (
            ("pairs", str(len(rows))),
            ("equal recordings", str(sum(row[3] for row in rows))),
            ("melodic motifs of 4 notes in common, median", f"{100 * median(row[0] for row in rows):.0f} %"),
            ("difference of tempo if none was requested, BPM, median", _tempo_apart(rows)),
            ("different key if none was requested", f"{sum(row[2] for row in free)} of {len(free)}"),
        ),
    )


def _tempo_apart(rows: Sequence[tuple[float, float, bool, bool, Prompt]]) -> str:
    free = [row[1] for row in rows if row[4].tempo is None]
    return number(median(free)) if free else "-"


def _overlap(one: Sequence[str], two: Sequence[str]) -> float:
    """Jaccard index of two sets of motifs."""
    first, second = set(one), set(two)
    return len(first & second) / max(1, len(first | second))
