"""Render and measure many prompts concurrently, with a progress bar and cached results."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context, parent_process
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.music import measurements, renders
from benchmarks.music.measurements import Job, Report
from benchmarks.music.prompts import Prompt
from benchmarks.music.tables import Table, number

DETERMINISM_PROMPTS: Final = ("techno with choir", "solo piano in C minor", "lofi hip hop")
DETERMINISM_SECONDS: Final = 12.0


def jobs(prompts: Sequence[Prompt], seeds: int, seconds: float) -> Iterator[Job]:
    """Yield every prompt with every seed, in an order that covers all styles early."""
    for seed in range(1, seeds + 1):
        yield from (Job(prompt, seed, seconds) for prompt in sorted(prompts, key=_sort_keys(prompts).__getitem__))


def _sort_keys(prompts: Sequence[Prompt]) -> dict[Prompt, tuple[int, int]]:
    """Return for each prompt the number of earlier prompts of its style, and its position."""
    seen: Counter[str] = Counter()
    keys = {}
    for position, prompt in enumerate(prompts):
        keys[prompt] = (seen[prompt.style], position)
        seen[prompt.style] += 1
    return keys


def run(todo: Sequence[Job], folder: Path, workers: int, console: Console) -> dict[Job, Report]:
    """Measure every job without a cached report. Failed renders are printed and left out."""
    sources = renders.source_hash()
    done = {job: report for job in todo if (report := measurements.load_report(job, folder, sources))}
    missing = [job for job in todo if job not in done]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        Progress(*columns, console=console) as bar,
        ProcessPoolExecutor(workers, get_context("spawn"), _exit_with_parent) as pool,
    ):
        task = bar.add_task("renders", total=len(todo), completed=len(done))
        pending: dict[Future[Report], Job] = {
            pool.submit(measurements.create_report, job, folder, sources): job for job in missing
        }
        for future in as_completed(pending):
            job = pending[future]
            if error := future.exception():
                console.print(f"[red]failed[/]: {job.prompt.text}, seed {job.seed}: {error}")
            else:
                done[job] = future.result()
            bar.update(task, advance=1, description=job.prompt.text[:40].ljust(40))
    return {job: done[job] for job in todo if job in done}


def _exit_with_parent() -> None:
    """Exit the worker when the command is killed; otherwise it would wait for work forever."""

    def watch() -> None:
        if parent := parent_process():
            parent.join()
            os._exit(1)

    Thread(target=watch, daemon=True).start()


def load_reports(todo: Sequence[Job], folder: Path) -> dict[Job, Report]:
    """Return the cached reports."""
    sources = renders.source_hash()
    return {job: report for job in todo if (report := measurements.load_report(job, folder, sources))}


def determinism_table() -> Table:
    """Render the same requests in two processes each and compare the samples."""
    rows = []
    for prompt in DETERMINISM_PROMPTS:
        hashes = []
        for _ in range(2):
            with TemporaryDirectory() as folder:
                order = renders.RenderOrder(prompt, DETERMINISM_SECONDS, 7)
                hashes.append(renders.render_in_subprocess(order, Path(folder))["pcm_sha256"])
        rows.append((prompt, hashes[0][:12], hashes[1][:12], "equal" if hashes[0] == hashes[1] else "**different**"))
    columns = ("prompt", "first process", "second process", "")
    return Table("Determinism", f"SHA-256 of {DETERMINISM_SECONDS:g} s of PCM, seed 7.", columns, tuple(rows))


def cost_table(seconds: Sequence[float] = (60.0, 600.0)) -> Table:
    """Measure CPU time and memory for short and long tracks."""
    rows = []
    for length in seconds:
        with TemporaryDirectory() as folder:
            facts = renders.render_in_subprocess(renders.RenderOrder("lofi hip hop", length, 1), Path(folder))
        used = facts["cpu_seconds"]
        columns = (used["import"], used["render"], used["mp3"], facts["wall_seconds"], facts["peak_megabytes"])
        rows.append((f"{length:g}", *(number(value) for value in columns)))
    heads = ("track, s", "import, CPU s", "music, CPU s", "MP3, CPU s", "music, wall s", "peak memory, MB")
    return Table("Cost", "One process, one thread.", heads, tuple(rows))
