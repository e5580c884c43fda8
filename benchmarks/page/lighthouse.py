"""Measure the page with Lighthouse: performance, accessibility, best practices and SEO."""

import asyncio
import json
import os
import sys
from typing import Any, Final

import httpx

from benchmarks import node_packages
from benchmarks.page.pictures import browser_path
from benchmarks.page.studio import RunningStudio
from benchmarks.page.type_check import tools
from server import session_cookie

PAGES: Final = ("/studio", "/studio/library")
MIN_SCORE: Final = 95
"""Of 100, in each category."""
_CATEGORIES: Final = ("performance", "accessibility", "best-practices", "seo")


async def measure(studio: RunningStudio) -> int:
    """Print the scores of the first screen, signed out and in, and of the library. Return 1 if one is too low."""
    async with httpx.AsyncClient(base_url=studio.url) as client:
        answer = await client.post("/studio/session", json={"api_key": studio.key})
    cookie = f"{session_cookie.NAME}={answer.cookies[session_cookie.NAME]}"
    rows = [("/studio, signed out", await _run(studio.url + PAGES[0], None))]
    rows += [(path, await _run(studio.url + path, cookie)) for path in PAGES]
    for name, report in rows:
        scores = {key: round(100 * report["categories"][key]["score"]) for key in _CATEGORIES}
        shift = report["audits"]["cumulative-layout-shift"]["displayValue"]
        text = ", ".join(f"{key} {score}" for key, score in scores.items())
        sys.stdout.write(f"{name}: {text}; layout shift {shift}\n")
        if min(scores.values()) < MIN_SCORE:
            sys.stdout.writelines(f"  {line}\n" for line in _problems(report))
    return int(any(report["categories"][key]["score"] * 100 < MIN_SCORE for _, report in rows for key in _CATEGORIES))


async def _run(url: str, cookie: str | None) -> dict[str, Any]:
    node = node_packages.find_node().node
    headers = json.dumps({"Cookie": cookie}) if cookie else "{}"
    with tools(has_lighthouse=True) as folder:
        command = [node, "node_modules/lighthouse/cli/index.js", url, "--quiet", "--output=json", "--preset=desktop"]
        command += [f"--extra-headers={headers}", f"--only-categories={','.join(_CATEGORIES)}"]
        command += ["--chrome-flags=--headless --no-sandbox", "--throttling-method=simulate"]
        child = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env={**os.environ, "CHROME_PATH": browser_path()}, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await child.communicate()
    report: dict[str, Any] = json.loads(output)
    return report


def _problems(report: dict[str, Any]) -> list[str]:
    used = {entry["id"] for key in _CATEGORIES for entry in report["categories"][key]["auditRefs"] if entry["weight"]}
    failed = (audit for name, audit in report["audits"].items() if name in used and (audit["score"] or 0) < 1)
    return [f"{audit['title']}: {audit.get('displayValue', '')}" for audit in failed if audit["score"] is not None]
