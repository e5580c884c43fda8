"""Golden hashes of short renders, whose samples must not change within an engine version."""

import json
import platform
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.music import renders
from benchmarks.music.renders import NullMonitor, RenderOrder
from core.settings import PROJECT
from engines.port import RenderRequest
from engines.registry import EngineRegistry

FILE: Final = PROJECT / "tests" / "engines" / "studio" / "golden.json"
SECONDS: Final = 8.0
REQUESTS: Final = (
    RenderOrder("lofi hip hop, 82 bpm in A minor", SECONDS, 1),
    RenderOrder("deep house with flute", SECONDS, 2),
    RenderOrder("rock", SECONDS, 3),
    RenderOrder("solo piano, sad", SECONDS, 4),
    RenderOrder("epic cinematic orchestra", SECONDS, 5),
    RenderOrder("ambient, no drums", SECONDS, 6),
)


def is_comparable() -> bool:
    """Return whether samples are bit-identical here: on Linux with AVX-512. Elsewhere libraries calculate otherwise."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return False
    return "avx512dq" in Path("/proc/cpuinfo").read_text(encoding="ascii")


def hash_render(order: RenderOrder) -> str:
    """Render an order and return the hash of its samples."""
    request = RenderRequest(order.prompt, order.seconds, order.seed)
    with TemporaryDirectory() as folder:
        result = EngineRegistry().load(order.engine).render(request, Path(folder), NullMonitor())
        return renders.fingerprint(result.master)


def read(file: Path = FILE) -> dict[str, str]:
    """Return the stored hashes by prompt; empty without a file."""
    hashes: dict[str, str] = json.loads(file.read_text())["pcm_sha256"] if file.exists() else {}
    return hashes


def write(file: Path = FILE) -> dict[str, str]:
    """Render all requests and store their hashes."""
    hashes = {order.prompt: hash_render(order) for order in REQUESTS}
    content = {"seconds": SECONDS, "seeds": {order.prompt: order.seed for order in REQUESTS}, "pcm_sha256": hashes}
    file.write_text(json.dumps(content, indent=2) + "\n")
    return hashes
