"""``studio audit``: check the pinned packages for known vulnerabilities with pip-audit."""

import json
import subprocess
import sys
from typing import Annotated, Any, Final

import typer

from core.settings import PROJECT
from server.cli import console, output
from server.cli.console import JsonOption

_ADVISORIES_URL: Final = "https://api.osv.dev/v1/query"
_TIMEOUT_SECONDS: Final = 900


def audit(
    advisories: Annotated[str, typer.Option(help="URL of a service with the OSV API.")] = _ADVISORIES_URL,
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
) -> None:
    """Check every pinned package for known vulnerabilities.

    Exit status: 0 no vulnerability, 1 vulnerability found or no response from the advisory service.
    """
    packages = _query(advisories)
    vulnerabilities = [
        {
            "package": package["name"],
            "version": package["version"],
            "advisory": advisory["id"],
            "fixed_in": advisory["fix_versions"],
        }
        for package in packages
        for advisory in package["vulns"]
    ]
    if vulnerabilities:
        output.print_rows(vulnerabilities, ("package", "version", "advisory", "fixed_in"))
        console.fail(f"{len(vulnerabilities)} known vulnerabilities.")
    output.print_done(f"{len(packages)} packages, no known vulnerability.", packages=len(packages))


def _query(advisories: str) -> list[dict[str, Any]]:
    """Return pip-audit's result for each package."""
    options = ["-r", str(PROJECT / "constraints.txt"), "--no-deps", "--disable-pip", "--strict", "--format", "json"]
    options += ["--progress-spinner", "off", "--desc", "off", "-s", "osv", "--osv-url", advisories]
    command = [sys.executable, "-m", "pip_audit", *options]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False)  # noqa: S603  a fixed command
        packages: list[dict[str, Any]] = json.loads(result.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, LookupError):
        console.fail(f"The advisory service {advisories} did not respond: no package was checked.")
    if unchecked := [package["name"] for package in packages if "vulns" not in package]:
        console.fail(f"The advisory service {advisories} has no result for {', '.join(unchecked)}.")
    return packages
