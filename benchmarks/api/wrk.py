"""The same load by wrk, where it is installed: it takes less of the machine than a Python process does."""

import asyncio
import math
import shutil
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.api.load_generator import NO_MAXIMUM, LoadPlan, LoadResult

_BETWEEN: Final = "\x1e"
"""ASCII's record separator: in no request."""

_SCRIPT: Final = r"""
local requests, at = {}, 0

function init(words)
    local file = io.open(words[1], "rb")
    for each in file:read("*a"):gmatch("[^\30]+") do requests[#requests + 1] = each end
    file:close()
end

function request()
    at = at % #requests + 1
    return requests[at]
end

function done(summary, latency)
    local errors = summary.errors
    local lost = errors.connect + errors.read + errors.write + errors.timeout
    local times = { latency:percentile(50), latency:percentile(99) }
    print("told", summary.requests, errors.status, lost, summary.duration, unpack(times))
end
"""
"""What wrk asks, and what it tells: counts and microseconds."""


def is_usable(most: int) -> bool:
    """Whether it is there, and can do a job of so many answers at most: it counts time only."""
    return most == NO_MAXIMUM and shutil.which("wrk") is not None


async def run(job: LoadPlan) -> LoadResult:
    """As loads.elsewhere, for whole seconds. Raises RuntimeError when a connection was lost."""
    with tempfile.TemporaryDirectory() as folder:
        script, requests = Path(folder) / "ask.lua", Path(folder) / "requests"
        script.write_text(_SCRIPT, encoding="ascii")
        requests.write_text(_BETWEEN.join(job.requests), encoding="utf-8", newline="")
        connections, seconds = f"-c{job.connections}", f"-d{math.ceil(job.seconds)}s"
        words = ["-t1", connections, seconds, "-s", str(script), f"http://127.0.0.1:{job.port}", "--", str(requests)]
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec("wrk", *words, stdout=pipe)
        said, _ = await child.communicate()
    told = [line.split()[1:] for line in said.decode().splitlines() if line.startswith("told")]
    if child.returncode or not told:
        raise RuntimeError("the load could not be made")
    answers, refused, lost, *times = map(float, told[0])
    if lost:
        raise RuntimeError(f"{lost:.0f} connections were lost")
    spent, p50, p99 = times
    return LoadResult(int(answers), int(refused), spent / 1e6, p50 / 1e3, p99 / 1e3)
