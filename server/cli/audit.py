"""Whether anything that we are built of is known to be vulnerable: pip-audit asks, about our pins."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from core.settings import PROJECT
from server.cli import console
from server.cli.console import out

_ADVISORIES: Final = "https://api.osv.dev/v1/query"
_SECONDS: Final = 900


def audit(
    advisories: Annotated[str, typer.Option(help="Service that is asked, as OSV answers.")] = _ADVISORIES,
) -> None:
    """Ask an advisory service about every pinned package; fails when one is vulnerable, or nothing is told."""
    told = _told(advisories)
    found = list(_found(told))
    if found:
        table = Table("package", "version", "advisory", "fixed in", box=None, pad_edge=False)
        for row in found:
            table.add_row(*row)
        out.print(table)
        console.fail(f"{len(found)} known vulnerabilities.")
    out.print(f"{len(told)} packages, no known vulnerability.")


def _told(advisories: str) -> list[dict[str, Any]]:
    """What the service says of each package."""
    words = ["-r", str(PROJECT / "constraints.txt"), "--no-deps", "--disable-pip", "--strict", "--format", "json"]
    words += ["--progress-spinner", "off", "--desc", "off", "-s", "osv", "--osv-url", advisories]
    try:
        done = subprocess.run(  # noqa: S603  our own words
            [sys.executable, "-m", "pip_audit", *words], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, LookupError):
        console.fail(f"The advisory service {advisories} did not tell: nothing is known of any package.")
    if silent := [package["name"] for package in packages if "vulns" not in package]:
        console.fail(f"The advisory service {advisories} did not tell of {', '.join(silent)}.")
    return packages


def _found(packages: list[dict[str, Any]]) -> Iterator[tuple[str, str, str, str]]:
    for package in packages:
        for advisory in package["vulns"]:
            yield package["name"], package["version"], advisory["id"], ", ".join(advisory["fix_versions"]) or "none"
