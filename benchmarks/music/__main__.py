"""The command: ``python -m benchmarks.music`` renders, measures and reports; see ``--help``."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.music import adherence, golden, markdown_page, prompts, renders, report_tables, runs
from benchmarks.music.measurements import Job, Report
from benchmarks.music.prompts import Prompt
from benchmarks.music.tables import Table
from core.settings import PROJECT

FOLDER: Final = PROJECT / "var" / "music-benchmark"
QUICK: Final = ("Lofi hip hop", "Techno", "Solo piano")
QUICK_SECONDS: Final = 20.0


def build_parser() -> argparse.ArgumentParser:
    """What may be asked for."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.music", description="Renders prompts and measures them.")
    made.add_argument("what", nargs="?", choices=("run", "report", "golden", "cost"), default="run",
                      help="run: render what is missing, then report; report: only what is kept; "
                           "golden: rewrite the golden hashes; cost: CPU and memory of 1 and 10 minutes")  # fmt: skip
    made.add_argument("--prompts", default="all", help="all, or a word that a prompt must hold")
    made.add_argument("--style", help="only prompts of styles whose name holds this")
    made.add_argument("--seeds", type=int, default=2, help="how many seeds for each prompt, from 1")
    made.add_argument("--seconds", type=float, default=60.0, help="length of each render")
    made.add_argument("--jobs", type=int, default=1, help="how many renders at a time")
    made.add_argument("--quick", action="store_true", help="three styles, one seed, 20 s: a look, not a proof")
    made.add_argument("--folder", type=Path, default=FOLDER, help="where results are kept between runs")
    made.add_argument("--markdown", action="store_true", help="print plain markdown instead of tables")
    made.add_argument("--into", type=Path, metavar="PAGE", help="write the markdown between the marks of a page")
    made.add_argument("--pictures", type=Path, metavar="FOLDER", help="draw six styles into a folder, and nothing else")
    return made


def select_jobs(words: argparse.Namespace) -> list[Job]:
    """The jobs that the options name."""
    listed = [
        prompt
        for prompt in prompts.load()
        if (words.prompts == "all" or words.prompts in prompt.text)
        and (not words.style or words.style.lower() in prompt.style.lower())
        and (not words.quick or (prompt.style in QUICK and prompt.pair is None))
    ]
    seeds, seconds = (1, min(QUICK_SECONDS, words.seconds)) if words.quick else (words.seeds, words.seconds)
    return list(runs.jobs(listed, seeds, seconds))


def build_tables(made: dict[Job, Report], *, is_whole: bool) -> list[Table]:
    """Everything there is to tell about what was made."""
    styles: dict[str, list[Report]] = {}
    asked: dict[Prompt, list[Report]] = {}
    for job, report in made.items():
        styles.setdefault(job.prompt.style, []).append(report)
        asked.setdefault(job.prompt, []).append(report)
    told = [
        report_tables.summary_table(styles),
        report_tables.style_table(styles),
        report_tables.exemption_table(),
        report_tables.range_table(styles),
    ]
    told.append(report_tables.check_table(styles))
    told += [*report_tables.median_tables(styles), report_tables.score_table(styles)]
    told += [adherence.adherence_table(asked), adherence.contrast_table(asked), adherence.diversity_table(asked)]
    return [*told, *([runs.determinism_table()] if is_whole else [])]


def print_tables(told: Sequence[Table], console: Console, *, markdown: bool) -> None:
    """Prints tables."""
    for table in told:
        if markdown:
            sys.stdout.write(table.markdown() + "\n")
        else:
            table.show(console)


def main() -> int:
    """Does what the command line says; 1 when nothing was rendered."""
    words = build_parser().parse_args()
    console = Console(stderr=words.markdown)
    if words.pictures:
        from benchmarks.music import plots  # noqa: PLC0415  matplotlib loads only where it draws

        for path in plots.draw_plots(words.pictures):
            console.print(f"{path} ({path.stat().st_size // 1000} kB)")
        return 0
    if words.what == "golden":
        console.print(golden.write())
        return 0
    if words.what == "cost":
        print_tables([runs.cost_table()], console, markdown=words.markdown)
        return 0
    todo = select_jobs(words)
    kept = words.what == "report"
    made = runs.load_reports(todo, words.folder) if kept else runs.run(todo, words.folder, words.jobs, console)
    if not made:
        console.print("Nothing was rendered.")
        return 1
    covered = f"{len(made)} of {len(todo)} renders of {todo[0].seconds:g} s, engine sources {renders.source_hash()}"
    console.print(covered)
    told = build_tables(made, is_whole=not words.quick)
    if words.into:
        markdown_page.replace_measured(
            words.into,
            [f"_{covered}, {datetime.now(UTC).date().isoformat()}._\n", *(table.markdown() for table in told)],
        )
        return 0
    print_tables(told, console, markdown=words.markdown)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
