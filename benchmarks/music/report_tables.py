"""Tables of a run: medians by style compared with the ranges, technical checks, and metrics of the scores."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final

from benchmarks.music.measurements import (
    Report,
    failed_checks,
    share_in_all_ranges,
    share_in_middle_half,
    share_in_range,
)
from benchmarks.music.metrics.composition_metrics import METRICS
from benchmarks.music.metrics.technical_checks import CHECKS
from benchmarks.music.reference_ranges import EXEMPTIONS, RANGES, Range, applicable_ranges
from benchmarks.music.tables import Table, number, percent

GOAL: Final = 0.85
NOTE: Final = "Reference: 53 human-made tracks of a minute each."
FURTHER_NOTE: Final = "Reference: 14 to 26 tracks of two free games. These metrics are not part of the shares above."
GROUPS: Final = {
    "Level and width": ("loudness_range", "micro_dynamics", "peak_to_loudness", "side_mid", "onsets", "pulse"),
    "Spectrum": (
        "slope",
        "band_sub",
        "band_low",
        "band_mid",
        "band_high",
        "band_air",
        "centroid",
        "peaks",
        "peak_octaves",
    ),
    "Harmony and form": (
        "chord_changes",
        "chord_entropy",
        "pitch_class_entropy",
        "chord_fit",
        "timbre_variety",
        "repetition",
        "copied_blocks",
    ),
}
Styles = Mapping[str, Sequence[Report]]


def summary_table(styles: Styles) -> Table:
    """Tabulate the main results."""
    every = [report for reports in styles.values() for report in reports]
    clean = [report for report in every if not failed_checks(report)]
    good = [report for report in clean if share_in_range(report) >= GOAL]
    prompts = {report["prompt"] for report in every}
    passing = prompts - {report["prompt"] for report in every if report not in good}
    rows = (
        ("renders", str(len(every))),
        ("requested styles", str(len(styles))),
        ("metrics inside 5-95 %, median over renders", percent(median(map(share_in_range, every)))),
        ("the same with the ranges that do not apply to a style", percent(median(map(share_in_all_ranges, every)))),
        ("metrics inside the middle half, median over renders", percent(median(map(share_in_middle_half, every)))),
        ("renders that pass all technical checks", f"{len(clean)} of {len(every)}"),
        (f"of these with at least {percent(GOAL)} of the metrics inside", f"{len(good)} of {len(every)}"),
        ("prompts of which every render is among these", f"{len(passing)} of {len(prompts)}"),
        ("CPU s per minute, music alone, median", number(median(map(cpu_per_minute, every)))),
        ("CPU s per minute with MP3, median", number(median(map(cpu_per_minute_with_mp3, every)))),
        ("peak memory of a process, median, MB", number(median(one["peak_megabytes"] for one in every))),
    )
    return Table("Summary", "", ("property", "value"), rows)


def cpu_per_minute(report: Report) -> float:
    """Return the CPU seconds for a minute of music, from prompt to master."""
    return float(report["cpu_seconds"]["render"]) * 60 / float(report["seconds"])


def cpu_per_minute_with_mp3(report: Report) -> float:
    """Return the CPU seconds for a minute of music, including MP3 encoding."""
    return cpu_per_minute(report) + float(report["cpu_seconds"]["mp3"]) * 60 / float(report["seconds"])


def style_table(styles: Styles) -> Table:
    """Tabulate for each style the shares in range, the failed checks and the cost."""
    rows = []
    for style, reports in styles.items():
        delivered = sorted({report["facts"]["style"] for report in reports})
        failed = sorted({CHECKS[name].name for report in reports for name in failed_checks(report)})
        values = {name: _median(reports, name) for name in RANGES}
        ranges = applicable_ranges(reports[0]["facts"]["style"], values)
        outside = [name for name in ranges if not ranges[name].contains(values[name])]
        rows.append(
            (
                style,
                ", ".join(delivered),
                str(len(reports)),
                percent(median(map(share_in_range, reports))),
                percent(median(map(share_in_middle_half, reports))),
                ", ".join(failed) or "-",
                ", ".join(RANGES[name].name for name in outside) or "-",
                ", ".join(RANGES[name].name for name in RANGES if name not in ranges) or "-",
                number(median(map(cpu_per_minute, reports))),
            )
        )
    columns = ("requested", "rendered as", "renders", "inside", "middle", "failed checks", "median outside",
               "exempt", "CPU s/min")  # fmt: skip
    return Table("Styles", "", columns, tuple(rows))


def range_table(styles: Styles, ranges: Mapping[str, Range] = RANGES, title: str = "Ranges", note: str = NOTE) -> Table:
    """Tabulate for each range the share of renders inside, and the styles whose median is outside."""
    every = [report for reports in styles.values() for report in reports]
    rows = []
    for name, one in ranges.items():
        values = [float(report["metrics"][name]) for report in every]
        low = [style for style, reports in styles.items() if _median(reports, name) < one.low]
        high = [style for style, reports in styles.items() if _median(reports, name) > one.high]
        rows.append(
            (
                f"{one.name}{f', {one.unit}' if one.unit else ''}",
                f"{one.low:g} … {one.high:g}",
                f"{one.inner_low:g} … {one.inner_high:g}",
                number(median(values)),
                percent(sum(map(one.contains, values)) / len(values)),
                percent(sum(map(one.is_in_middle_half, values)) / len(values)),
                ", ".join(low) or "-",
                ", ".join(high) or "-",
            )
        )
    columns = ("metric", "5-95 %", "middle half", "median", "inside", "middle", "styles below", "styles above")
    return Table(title, note, columns, tuple(rows))


def exemption_table() -> Table:
    """Tabulate the exemptions with their reasons."""
    rows = tuple(
        (style, RANGES[name].name, one.side, one.reason)
        for style, table in EXEMPTIONS.items()
        for name, one in table.items()
    )
    note = "The share of a style is computed over the ranges that apply; a range left on the other side still counts."
    return Table("Exemptions", note, ("style", "range", "side", "reason"), rows)


def median_tables(styles: Styles) -> list[Table]:
    """Tabulate the median of every metric by style: bold if outside its range, a dot if in the middle half."""
    tables = []
    for title, names in GROUPS.items():
        rows = tuple(
            (style, *(_marked(name, _median(reports, name)) for name in names)) for style, reports in styles.items()
        )
        note = "Medians. **Bold**: outside 5-95 %; a dot: inside the middle half."
        tables.append(Table(title, note, ("style", *(RANGES[name].name for name in names)), rows))
    return tables


def _median(reports: Sequence[Report], name: str) -> float:
    return float(median(float(report["metrics"][name]) for report in reports))


def _marked(name: str, value: float) -> str:
    text = number(value)
    if not RANGES[name].contains(value):
        return f"**{text}**"
    return f"{text} ·" if RANGES[name].is_in_middle_half(value) else text


def check_table(styles: Styles) -> Table:
    """Tabulate for each check the extremes, and the shares of renders on target and passing."""
    every = [report for reports in styles.values() for report in reports]
    rows = []
    for name, one in CHECKS.items():
        values = [float(report["metrics"][name]) for report in every]
        failing = [report["prompt"] for report in every if not one.is_acceptable(float(report["metrics"][name]))]
        rows.append(
            (
                f"{one.name}{f', {one.unit}' if one.unit else ''}",
                number(min(values)),
                number(median(values)),
                number(max(values)),
                percent(sum(map(one.is_on_target, values)) / len(values)),
                percent(1 - len(failing) / len(values)),
                "; ".join(dict.fromkeys(failing)) or "-",
            )
        )
    columns = ("check", "lowest", "median", "highest", "on target", "pass", "failed by")
    return Table("Technical checks of the decoded MP3", "", columns, tuple(rows))


def score_table(styles: Styles) -> Table:
    """Tabulate the medians of the score metrics by style; a dash if a style has no melody."""
    rows = []
    for style, reports in styles.items():
        cells = []
        for name in METRICS:
            values = [float(report["symbols"][name]) for report in reports if name in report["symbols"]]
            cells.append(number(median(values)) if values else "-")
        tonic_endings = sum(bool(report["ends_at_home"]) for report in reports)
        rows.append((style, *cells, f"{tonic_endings}/{len(reports)}"))
    note = "; ".join(f"{name.replace('_', ' ')}: {text}" for name, text in METRICS.items())
    columns = ("style", *(name.replace("_", " ") for name in METRICS), "ends on the tonic chord")
    return Table("Written music", f"Shares are 0 to 1. {note}.", columns, tuple(rows))
