"""``python -m benchmarks.music``: render prompts, measure the tracks and report; see ``--help``."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.music import (
    adherence,
    golden,
    instrument_table,
    markdown_page,
    opposites,
    prompts,
    renders,
    report_tables,
    runs,
    variety,
)
from benchmarks.music.measurements import Job, Report
from benchmarks.music.prompts import Prompt
from benchmarks.music.reference_ranges import FURTHER_RANGES
from benchmarks.music.tables import Table
from core.settings import PROJECT
from engines.studio.styles import STYLES

FOLDER: Final = PROJECT / "var" / "music-benchmark"
PICTURES: Final = PROJECT / "docs" / "reference" / "pictures"
QUICK: Final = ("Lofi hip hop", "Techno", "Solo piano")
QUICK_SECONDS: Final = 20.0
ADHERENCE_SECONDS: Final = 24.0
COMMANDS: Final = ("run", "report", "adherence", "instruments", "golden", "cost", "variety", "pictures")


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.music", description="Render prompts and measure the tracks."
    )
    parser.add_argument("command", nargs="?", choices=COMMANDS, default="run",
                      help="run: render what is missing, then report; report: only cached results; "
                           "adherence: requests and pairs of opposites of adherence.toml; "
                           "instruments: single tones beside sampled ones; "
                           "golden: rewrite the golden hashes; cost: CPU and memory of 1 and 10 minutes; "
                           "variety: compose only, compare the seeds of each style; "
                           "pictures: draw three seeds of ten styles")  # fmt: skip
    parser.add_argument(
        "--prompts", default="all", help="all; plain: the name of every style; or a text that prompts must contain"
    )
    parser.add_argument("--style", help="only prompts of styles whose name contains this")
    parser.add_argument("--instrument", default="", help="only instruments whose key contains this")
    parser.add_argument("--seeds", type=int, default=2, help="number of seeds for each prompt, from 1")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of each render")
    parser.add_argument("--jobs", type=int, default=1, help="concurrent renders")
    parser.add_argument("--quick", action="store_true", help="three styles, one seed, 20 s")
    parser.add_argument("--cases", type=Path, default=opposites.LIST, help="file of cases for adherence")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="folder of the cached results")
    parser.add_argument("--markdown", action="store_true", help="print plain markdown instead of tables")
    parser.add_argument("--into", type=Path, metavar="PAGE", help="write the markdown between the markers of a page")
    parser.add_argument("--pictures-into", type=Path, default=PICTURES, metavar="FOLDER", help="folder of the pictures")
    return parser


def select_jobs(options: argparse.Namespace) -> list[Job]:
    """Return the jobs that the options select."""
    selected = [
        prompt
        for prompt in (prompts.plain() if options.prompts == "plain" else prompts.load())
        if (options.prompts in ("all", "plain") or options.prompts in prompt.text)
        and (not options.style or options.style.lower() in prompt.style.lower())
        and (not options.quick or (prompt.style in QUICK and prompt.pair is None))
    ]
    seeds, seconds = (1, min(QUICK_SECONDS, options.seconds)) if options.quick else (options.seeds, options.seconds)
    return list(runs.jobs(selected, seeds, seconds))


def build_tables(results: dict[Job, Report], *, is_whole: bool) -> list[Table]:
    """Return all tables about the results."""
    styles: dict[str, list[Report]] = {}
    by_prompt: dict[Prompt, list[Report]] = {}
    for job, report in results.items():
        styles.setdefault(job.prompt.style, []).append(report)
        by_prompt.setdefault(job.prompt, []).append(report)
    tables = [
        report_tables.summary_table(styles),
        report_tables.style_table(styles),
        report_tables.exemption_table(),
        report_tables.range_table(styles),
        report_tables.range_table(styles, FURTHER_RANGES, "Further metrics", report_tables.FURTHER_NOTE),
    ]
    tables.append(report_tables.check_table(styles))
    tables += [*report_tables.median_tables(styles), report_tables.score_table(styles)]
    tables += [
        adherence.adherence_table(by_prompt),
        adherence.contrast_table(by_prompt),
        adherence.diversity_table(by_prompt),
    ]
    return [*tables, *([runs.determinism_table()] if is_whole else [])]


def adherence_tables(options: argparse.Namespace, console: Console) -> list[Table]:
    """Return the tables about the cases of a file."""
    cases, seeds = opposites.load(options.cases), range(1, options.seeds + 1)
    seconds = min(ADHERENCE_SECONDS, options.seconds)
    results = opposites.run(cases, options.seeds, seconds, options.jobs, console)
    return [opposites.request_table(cases, results, seeds), opposites.pair_table(cases, results, seeds)]


def command_tables(options: argparse.Namespace, console: Console) -> list[Table]:
    """Return the tables of a command that renders no prompts of the list."""
    match options.command:
        case "adherence":
            return adherence_tables(options, console)
        case "instruments":
            return [instrument_table.instrument_table(options.instrument)]
        case "variety":
            wanted = (options.style or "").lower()
            keys = [key for key, style in STYLES.items() if not wanted or wanted in (key, style.name.lower())]
            return [variety.variety_table(variety.measure_all(keys, options.jobs))]
        case _:
            return [runs.cost_table()]


def print_tables(tables: Sequence[Table], console: Console, *, markdown: bool) -> None:
    for table in tables:
        if markdown:
            sys.stdout.write(table.markdown() + "\n")
        else:
            table.show(console)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 1 if nothing was rendered."""
    options = build_parser().parse_args(arguments)
    console = Console(stderr=options.markdown)
    if options.command == "pictures":
        from benchmarks.music import plots  # noqa: PLC0415  matplotlib is slow to import

        for path in plots.draw_pictures(options.pictures_into, (options.style or "").lower()):
            console.print(f"{path} ({path.stat().st_size // 1000} kB)")
        return 0
    if options.command == "golden":
        console.print(golden.write())
        return 0
    if options.command in {"adherence", "instruments", "cost", "variety"}:
        tables = command_tables(options, console)
        if options.into:
            markdown_page.replace_measured(options.into, [table.markdown() for table in tables], options.command)
        else:
            print_tables(tables, console, markdown=options.markdown)
        return 0
    jobs = select_jobs(options)
    is_cached_only = options.command == "report"
    results = (
        runs.load_reports(jobs, options.folder)
        if is_cached_only
        else runs.run(jobs, options.folder, options.jobs, console)
    )
    if not results:
        console.print("Nothing was rendered.")
        return 1
    coverage = f"{len(results)} of {len(jobs)} renders of {jobs[0].seconds:g} s, engine sources {renders.source_hash()}"
    console.print(coverage)
    tables = build_tables(results, is_whole=not options.quick)
    if options.into:
        markdown_page.replace_measured(
            options.into,
            [f"_{coverage}, {datetime.now(UTC).date().isoformat()}._\n", *(table.markdown() for table in tables)],
        )
        return 0
    print_tables(tables, console, markdown=options.markdown)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
