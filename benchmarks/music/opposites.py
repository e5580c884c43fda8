"""``python -m benchmarks.music adherence``: requests that must be met, and pairs of opposites that must differ."""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from rich.console import Console

from benchmarks.music import midi_score, prompt_measures, renders
from benchmarks.music.adherence import check_prompt
from benchmarks.music.audio import StereoAudio
from benchmarks.music.prompts import Prompt, prompt
from benchmarks.music.tables import Table, number, percent
from core.settings import PROJECT
from engines.port import RenderRequest
from engines.registry import EngineRegistry

LIST: Final = Path(__file__).with_name("adherence.toml")
FOLDER: Final = PROJECT / "var" / "music-adherence"
VERSION: Final = 1
"""Increase this with any change of a measure, which invalidates cached results."""
Result = dict[str, Any]
Results = Mapping[tuple[str, int], Result]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two prompts of which ``more`` must have the higher value of a ``measure`` (a key of MEASURES)."""

    kind: str
    more: str
    less: str
    measure: str


@dataclass(frozen=True, slots=True)
class Cases:
    """The requests with their requirements, and the pairs of opposites."""

    requests: tuple[Prompt, ...]
    pairs: tuple[Pair, ...]

    @property
    def prompts(self) -> tuple[str, ...]:
        texts = [one.text for one in self.requests]
        return tuple(dict.fromkeys((*texts, *(text for pair in self.pairs for text in (pair.more, pair.less)))))


def load(path: Path = LIST) -> Cases:
    """Load the cases. Raises ValueError for an unknown measure."""
    table: dict[str, list[dict[str, Any]]] = tomllib.loads(path.read_text(encoding="utf-8"))
    pairs = tuple(Pair(**row) for row in table.get("pair", []))
    unknown = {pair.measure for pair in pairs} - prompt_measures.MEASURES.keys()
    if unknown:
        raise ValueError(f"Unknown measures in {path.name}: {', '.join(sorted(unknown))}.")
    return Cases(tuple(prompt({"style": "", **row}) for row in table.get("request", [])), pairs)


def run(cases: Cases, seeds: int, seconds: float, workers: int, console: Console, folder: Path = FOLDER) -> Results:
    """Render and measure every prompt with every seed that is not cached."""
    todo = [(text, seed) for seed in range(1, seeds + 1) for text in cases.prompts]
    paths = {job: _path(*job, seconds, folder) for job in todo}
    missing = [job for job in todo if not paths[job].exists()]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        pending = {pool.submit(_create, *job, seconds, paths[job]): job for job in missing}
        for done, future in enumerate(as_completed(pending), 1):
            future.result()
            console.print(f"{done} of {len(missing)}: {pending[future][0]}", highlight=False)
    return {job: json.loads(path.read_text()) for job, path in paths.items()}


def _path(text: str, seed: int, seconds: float, folder: Path) -> Path:
    digest = hashlib.sha256(f"{text}|{VERSION}".encode()).hexdigest()[:12]
    return folder / renders.source_hash() / f"{digest}-{seed}-{seconds:g}s.json"


def _create(text: str, seed: int, seconds: float, path: Path) -> None:
    """Render a prompt and write its measures."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        engine = EngineRegistry().load("studio")
        track = engine.render(RenderRequest(text, seconds, seed), folder, renders.NullMonitor())
        (folder / renders.MIDI_FILE).write_bytes(track.score.midi)
        facts: Result = {
            "facts": asdict(track.facts),
            "sections": [[one.start_ms, one.end_ms, one.name] for one in track.score.sections],
            "stems_dbfs": {stem: renders.level(audio) for stem, audio in track.stems.items()},
            "parts": [use.name for use in track.report.instruments] if track.report else [],
        }
        sound = StereoAudio(np.concatenate(list(track.master.blocks())).astype(np.float64))
        chords = [(chord.start_ms, chord.end_ms, chord.symbol) for chord in track.score.chords]
        score = midi_score.read(folder / renders.MIDI_FILE, chords, track.facts.key)
        measures = prompt_measures.measure(prompt_measures.Rendering(sound, score, facts))
        facts["measures"] = measures
        facts["tempo"] = score.tempo
        facts["report_key"] = track.report.key.delivered if track.report else None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".part").write_text(json.dumps(facts))
    path.with_suffix(".part").replace(path)


def holds(pair: Pair, results: Results, seed: int) -> bool:
    more, less = (results[text, seed]["measures"][pair.measure] for text in (pair.more, pair.less))
    return bool(more > less)


def request_rows(cases: Cases, results: Results, seeds: Sequence[int]) -> Iterator[tuple[str, bool, str]]:
    """Yield the kind, the outcome and a text for every requirement of every request and seed."""
    for request in cases.requests:
        for seed in seeds:
            result = results[request.text, seed]
            error = 100.0 * (result["tempo"] / (request.tempo or result["tempo"]) - 1.0)
            checks = check_prompt(request, {**result, "metrics": {"tempo_error": error}})
            checks["one key in track and report"] = result["facts"]["key"] == result["report_key"]
            for name, is_met in checks.items():
                yield name.split()[0], is_met, f'"{request.text}" ({name}, seed {seed})'


def request_table(cases: Cases, results: Results, seeds: Sequence[int]) -> Table:
    """Tabulate how many requirements are met."""
    rows = list(request_rows(cases, results, seeds))
    kinds = dict.fromkeys(kind for kind, _, _ in rows)
    cells = []
    for kind in kinds:
        met = [is_met for name, is_met, _ in rows if name == kind]
        failed = [text for name, is_met, text in rows if name == kind and not is_met]
        cells.append((kind, f"{sum(met)} of {len(met)}", "; ".join(failed) or "-"))
    note = "Tempo within 1 % in the score, key of the track, instruments by stem or name."
    return Table("Requests", note, ("requirement", "met", "not met"), tuple(cells))


def pair_table(cases: Cases, results: Results, seeds: Sequence[int]) -> Table:
    """Tabulate the share of inequalities that hold, by kind, and those that fail."""
    kinds = dict.fromkeys(pair.kind for pair in cases.pairs)
    rows = [_pair_row(kind, [one for one in cases.pairs if one.kind == kind], results, seeds) for kind in kinds]
    rows.append((*_pair_row("all", cases.pairs, results, seeds)[:3], ""))
    note = f"{len(cases.pairs)} pairs, {len(seeds)} seeds."
    return Table("Opposites", note, ("kind", "hold", "share", "fail"), tuple(rows))


def _pair_row(kind: str, pairs: Sequence[Pair], results: Results, seeds: Sequence[int]) -> tuple[str, str, str, str]:
    outcomes = [(pair, seed, holds(pair, results, seed)) for pair in pairs for seed in seeds]
    met = sum(is_met for _, _, is_met in outcomes)
    failed = "; ".join(_failure(pair, seed, results) for pair, seed, is_met in outcomes if not is_met)
    return kind, f"{met} of {len(outcomes)}", percent(met / max(1, len(outcomes))), failed or "-"


def _failure(pair: Pair, seed: int, results: Results) -> str:
    more, less = (results[text, seed]["measures"][pair.measure] for text in (pair.more, pair.less))
    return f'"{pair.more}" {number(more)} ≤ "{pair.less}" {number(less)} ({pair.measure}, seed {seed})'
