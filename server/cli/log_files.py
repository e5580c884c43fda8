"""``studio logs``: the log lines of ``studio up``, of all its processes in the order of time."""

import json
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from core.settings import COMMAND
from server.cli import console
from server.cli.console import DataDir, ExitStatus, JsonOption, err, out

_POLL_SECONDS: Final = 0.3
_LEVELS: Final = ("debug", "info", "warning", "error", "critical")
_STYLES: Final = {"warning": "yellow", "error": "bold red", "critical": "bold red"}
_COMMON: Final = ("time", "level", "message", "exception", "logger")
_TEXT_LINE: Final = re.compile(r"(?P<time>\d\d:\d\d:\d\d) (?P<level>[a-z]+) +(?P<message>.*)", re.ASCII)
"""A line in the log format `text`, which has no date."""
_FOLDER: Final = "logs"
_OTHERS: Final = ("initdb", "postgres", "valkey")
"""Logs of other programs, which have another format."""


@dataclass(frozen=True, slots=True, order=True)
class LogLine:
    """A line of a log, ordered by its time."""

    time: str
    process: str
    text: str = field(compare=False)
    fields: "dict[str, Any]" = field(compare=False)

    def matches(self, job_id: str | None, min_level: str) -> bool:
        level = self.fields.get("level", "info")
        return (
            (job_id is None or job_id in self.text)
            and level in _LEVELS
            and _LEVELS.index(level) >= _LEVELS.index(min_level)
        )


def logs(
    job: Annotated[str | None, typer.Option(help="Only lines with this id: a generation, track or request.")] = None,
    level: Annotated[str, typer.Option(help="Lowest level: debug, info, warning or error.")] = "info",
    lines: Annotated[int | None, typer.Option("--lines", "-n", min=1, help="Only the last lines.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for further lines until Ctrl-C.")] = False,  # noqa: FBT002
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Print the log of `studio up` on this machine: of the server and the workers, in the order of time.

    Processes that were started otherwise log to standard error, which their supervisor keeps. Postgres and Valkey have
    logs of their own in the same folder.
    """
    if level not in _LEVELS:
        console.fail(f"--level: {level} is none of {', '.join(_LEVELS[:-1])}.", ExitStatus.USAGE)
    folder = console.load_settings(data_dir=data_dir).data_dir / _FOLDER
    paths = _paths(folder)
    if not paths:
        err.print(f"{folder} contains no log: {COMMAND} up writes it.", markup=False)
    # positions first, so that no line between reading and following is lost
    positions = {path: path.stat().st_size for path in paths}
    earlier = [path.with_suffix(".log.1") for path in paths]
    found = [line for line in merge(*map(_read, [*earlier, *paths])) if line.matches(job, level)]
    _print(found[-lines:] if lines else found)
    while follow:
        time.sleep(_POLL_SECONDS)
        _print(line for line in _read_new(folder, positions) if line.matches(job, level))


def _paths(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.log") if path.stem not in _OTHERS)


def _read(path: Path) -> Iterator[LogLine]:
    if path.exists():
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from _parse(path.name.partition(".")[0], file)


def _read_new(folder: Path, positions: dict[Path, int]) -> Sequence[LogLine]:
    """Return complete lines that were written since the positions, which are advanced."""
    found = list[LogLine]()
    for path in _paths(folder):
        start, size = positions.get(path, 0), path.stat().st_size
        with path.open("rb") as file:
            # a log that has become smaller is a new file
            file.seek(start if size >= start else 0)
            content, _, _ = file.read().rpartition(b"\n")
        if content:
            positions[path] = (start if size >= start else 0) + len(content) + 1
            found += _parse(path.stem, content.decode("utf-8", "replace").splitlines())
    return sorted(found)


def _parse(process: str, lines: Iterable[str]) -> Iterator[LogLine]:
    """Yield the JSON lines of a log. Others, such as the last words of a process, have the time of the line before."""
    at = ""
    for line in lines:
        text = line.rstrip("\n")
        try:
            fields = json.loads(text)
        except ValueError:
            fields = None
        if not isinstance(fields, dict) or "message" not in fields:
            match = _TEXT_LINE.match(text)
            fields = match.groupdict() if match else {"time": at, "message": text}
        at = str(fields["time"])
        yield LogLine(at, process, text, fields)


def _print(lines: Iterable[LogLine]) -> None:
    for line in lines:
        if console.prints_json.get():
            typer.echo(json.dumps({"process": line.process, **line.fields}, ensure_ascii=False))
            continue
        level = line.fields.get("level", "")
        context = " ".join(f"{name}={value}" for name, value in line.fields.items() if name not in _COMMON)
        exception = line.fields.get("exception")
        out.print(
            Text.assemble(
                (f"{line.time} {line.process:9}", "dim"),
                (f" {level:7} ", _STYLES.get(level, "")),
                str(line.fields["message"]),
                (f"  {context}" if context else "", "dim"),
                f"\n{exception}" if exception else "",
            )
        )
