"""CPU time of the whole track: render, all files, tags and hashes, as a worker makes them for a job."""

import gc
import resource
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.music.renders import NullMonitor
from benchmarks.music.tables import Table, number
from core import clock
from core.track_metadata import TrackMetadata, hash_prompt
from engines.port import RenderRequest, RenderResult
from engines.registry import EngineRegistry
from engines.studio.styles import STYLES
from storage.blobs import content_hash
from workers.files import encoding, track_files

KEY: Final = "studio"


@dataclass(frozen=True, slots=True)
class TrackCost:
    """CPU seconds of a track by step, user and system time, and its peak memory. ``mp3`` is a part of ``files``."""

    style: str
    seconds: float
    render: float
    files: float
    mp3: float
    tags: float
    peak_megabytes: float

    @property
    def total(self) -> float:
        return self.render + self.files + self.tags

    @property
    def seconds_per_cpu_second(self) -> float:
        """Seconds of music for one second of CPU time."""
        return self.seconds / self.total


def measure_styles(styles: Iterable[str], seconds: float, seed: int) -> list[TrackCost]:
    """Measure a track of each style in a child of this process, which has prepared itself as a worker does."""
    EngineRegistry().load_all()
    gc.collect()
    gc.freeze()
    orders = [(style, seconds, seed) for style in styles]
    with get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        return pool.starmap(measure_track, orders, chunksize=1)


def measure_track(style: str, seconds: float, seed: int) -> TrackCost:
    """Make one track in this process: its prompt is the name of the style."""
    prompt = STYLES[style].name.lower()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        (workspace / "audio").mkdir()
        engine, started = EngineRegistry().load(KEY), time.process_time()
        result = engine.render(RenderRequest(prompt, seconds, seed), workspace / "audio", NullMonitor())
        rendered = time.process_time()
        files = track_files.encode(result, workspace, NullMonitor())
        encoded = time.process_time()
        track_files.tag_files(files, build_metadata(result, prompt), None)
        for file in files:
            content_hash.key_of_file(file.path, file.path.suffix)
        tagged = time.process_time()
        encoding.mp3(result.master, workspace / "again.mp3", NullMonitor())
        mp3 = time.process_time() - tagged
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return TrackCost(style, seconds, rendered - started, encoded - rendered, mp3, tagged - encoded, peak)


def build_metadata(result: RenderResult, prompt: str) -> TrackMetadata:
    """Build the metadata of a track that belongs to no organization."""
    engine, facts = EngineRegistry().default, result.facts
    return TrackMetadata(
        track_id="mtrack_0123456789ab",
        title=result.title,
        creator="Benchmark",
        engine=engine.name,
        engine_version=engine.version,
        source_type=engine.source_type,
        prompt_sha256=hash_prompt(prompt),
        licence_class=engine.licence.licence_class,
        licence_version=engine.licence.version,
        requires_attribution=engine.licence.requires_attribution,
        made_at=clock.iso(clock.now()),
        tempo_bpm=facts.tempo_bpm,
        key=facts.key,
    )


def cost_table(costs: Sequence[TrackCost]) -> Table:
    """Tabulate the tracks, the dearest first, and their medians."""
    rows = [(cost.style, _figures(cost)) for cost in sorted(costs, key=lambda cost: -cost.total)]
    medians = [median(column) for column in zip(*(figures for _, figures in rows), strict=True)]
    columns = ("style", "prompt to master", "files", "of these MP3", "tags and hashes", "whole track",
               "s of music per CPU s", "peak memory, MB")  # fmt: skip
    return Table(
        "Cost of a track",
        f"CPU seconds of a track of {costs[0].seconds:g} s, in one process and one thread.",
        columns,
        tuple((name, *map(number, figures)) for name, figures in [*rows, ("median", medians)]),
    )


def _figures(cost: TrackCost) -> list[float]:
    steps = [cost.render, cost.files, cost.mp3, cost.tags, cost.total]
    return [*steps, cost.seconds_per_cpu_second, cost.peak_megabytes]
