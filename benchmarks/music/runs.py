"""Renders and measures many prompts, a few at a time, with a progress bar; what is done is kept."""

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
    """Every prompt with every seed, in an order that covers all styles as early as it can."""
    for seed in range(1, seeds + 1):
        yield from (Job(prompt, seed, seconds) for prompt in sorted(prompts, key=_turns(prompts).__getitem__))


def _turns(prompts: Sequence[Prompt]) -> dict[Prompt, tuple[int, int]]:
    """For each prompt how many of its style come before it, and its place; opposites come last."""
    seen: Counter[str] = Counter()
    turns = {}
    for place, prompt in enumerate(prompts):
        turns[prompt] = (seen[prompt.style], place)
        seen[prompt.style] += 1
    return turns


def run(todo: Sequence[Job], folder: Path, workers: int, console: Console) -> dict[Job, Report]:
    """Measures every job that was not measured before. A rendering that fails is told and left out."""
    sources = renders.source_hash()
    done = {job: report for job in todo if (report := measurements.load_report(job, folder, sources))}
    missing = [job for job in todo if job not in done]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        Progress(*columns, console=console) as bar,
        ProcessPoolExecutor(workers, get_context("spawn"), _leave_with_parent) as pool,
    ):
        task = bar.add_task("renders", total=len(todo), completed=len(done))
        pending: dict[Future[Report], Job] = {
            pool.submit(measurements.create_report, job, folder, sources): job for job in missing
        }
        for future in as_completed(pending):
            job = pending[future]
            if fault := future.exception():
                console.print(f"[red]failed[/]: {job.prompt.text}, seed {job.seed}: {fault}")
            else:
                done[job] = future.result()
            bar.update(task, advance=1, description=job.prompt.text[:40].ljust(40))
    return {job: done[job] for job in todo if job in done}


def _leave_with_parent() -> None:
    """Lets a worker end when the command is killed; else it would wait for more work for ever."""

    def watch() -> None:
        if parent := parent_process():
            parent.join()
            os._exit(1)

    Thread(target=watch, daemon=True).start()


def load_reports(todo: Sequence[Job], folder: Path) -> dict[Job, Report]:
    """What was measured before, and nothing new."""
    sources = renders.source_hash()
    return {job: report for job in todo if (report := measurements.load_report(job, folder, sources))}


def determinism_table() -> Table:
    """The same requests in two processes each: their sound must be equal, bit for bit."""
    rows = []
    for prompt in DETERMINISM_PROMPTS:
        prints = []
        for _ in range(2):
            with TemporaryDirectory() as place:
                order = renders.RenderOrder(prompt, DETERMINISM_SECONDS, 7)
                prints.append(renders.render_in_subprocess(order, Path(place))["pcm_sha256"])
        rows.append((prompt, prints[0][:12], prints[1][:12], "equal" if prints[0] == prints[1] else "**different**"))
    columns = ("prompt", "first process", "second process", "")
    return Table("Determinism", f"SHA-256 of {DETERMINISM_SECONDS:g} s of PCM, seed 7.", columns, tuple(rows))


def cost_table(seconds: Sequence[float] = (60.0, 600.0)) -> Table:
    """What a process costs for short and long tracks."""
    rows = []
    for length in seconds:
        with TemporaryDirectory() as place:
            facts = renders.render_in_subprocess(renders.RenderOrder("lofi hip hop", length, 1), Path(place))
        used = facts["cpu_seconds"]
        columns = (used["import"], used["render"], used["mp3"], facts["wall_seconds"], facts["peak_megabytes"])
        rows.append((f"{length:g}", *(number(value) for value in columns)))
    heads = ("track, s", "import, CPU s", "music, CPU s", "MP3, CPU s", "music, wall s", "peak memory, MB")
    return Table("Cost", "One process, one thread.", heads, tuple(rows))
