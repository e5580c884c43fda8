"""Render one request through the engine port and encode it as MP3, in this process or in a subprocess."""

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from core.settings import PROJECT
from engines.port import Audio, RenderRequest, RenderResult
from engines.registry import EngineRegistry
from workers.files import encoding

MP3_FILE, MIDI_FILE, FACTS_FILE = "master.mp3", "score.mid", "rendering.json"
STATUS: Final = Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class RenderOrder:
    """A prompt, a length, a seed and the key of an engine."""

    prompt: str
    seconds: float
    seed: int
    engine: str = "studio"


class NullMonitor:
    def report(self, stage: str, fraction: float) -> None:
        """Discard the report."""


def render(order: RenderOrder, folder: Path) -> dict[str, Any]:
    """Write the MP3, the MIDI file and a JSON file of facts into ``folder``, and return the facts.

    CPU seconds of imports, of the render and of the MP3 encoding are counted separately.
    """
    started = time.process_time()
    engine = EngineRegistry().load(order.engine)
    loaded = time.process_time()
    wall = time.perf_counter()
    with TemporaryDirectory(dir=folder) as workspace:
        request = RenderRequest(order.prompt, order.seconds, order.seed)
        result = engine.render(request, Path(workspace), NullMonitor())
        rendered, wall = time.process_time(), time.perf_counter() - wall
        encoding.mp3(result.master, folder / MP3_FILE, NullMonitor())
        encoded = time.process_time()
        facts = {**_result_facts(result), "frames": result.master.frames, "pcm_sha256": fingerprint(result.master)}
        facts["stems_dbfs"] = {name: round(level(stem), 2) for name, stem in result.stems.items()}
    (folder / MIDI_FILE).write_bytes(result.score.midi)
    facts["cpu_seconds"] = {
        "import": round(loaded - started, 3),
        "render": round(rendered - loaded, 3),
        "mp3": round(encoded - rendered, 3),
    }
    facts["wall_seconds"] = round(wall, 3)
    facts["peak_megabytes"] = round(_peak_megabytes(), 1)
    (folder / FACTS_FILE).write_text(json.dumps(facts))
    return facts


def render_in_subprocess(order: RenderOrder, folder: Path) -> dict[str, Any]:
    """Render in a new process, so that memory and CPU seconds are those of this render only.

    Raises subprocess.CalledProcessError if the engine fails.
    """
    command = [sys.executable, "-m", "benchmarks.music.renders", json.dumps(asdict(order)), str(folder)]
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment = {**os.environ, **one_thread}
    subprocess.run(command, check=True, cwd=PROJECT, env=environment)  # noqa: S603  our own interpreter and module
    facts: dict[str, Any] = json.loads((folder / FACTS_FILE).read_text())
    return facts


def fingerprint(audio: Audio) -> str:
    """Return the SHA-256 of the audio as interleaved little-endian 16-bit PCM, rounded to the nearest step."""
    digest = hashlib.sha256()
    for block in audio.blocks():
        digest.update(np.rint(np.clip(block, -1.0, 1.0) * 32767).astype("<i2").tobytes())
    return digest.hexdigest()


def source_hash(engine: str = "studio") -> str:
    """Return eight hex digits that change with any source file of the engine or with the port."""
    digest = hashlib.sha256((PROJECT / "engines" / "port.py").read_bytes())
    for path in sorted((PROJECT / "engines" / engine).rglob("*.py")):
        digest.update(str(path.relative_to(PROJECT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def _peak_megabytes() -> float:
    """Return the peak memory of this process; on Linux without the memory of its parent at the fork."""
    if STATUS.exists():
        fields = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def _result_facts(result: RenderResult) -> dict[str, Any]:
    parts = result.extras.get("parts", ())
    return {
        "title": result.title,
        "requested_lufs": result.report.loudness_lufs.requested if result.report else None,
        "facts": asdict(result.facts),
        "parts": list(parts) if isinstance(parts, list | tuple) else [],
        "chords": [[chord.start_ms, chord.end_ms, chord.symbol] for chord in result.score.chords],
        "sections": [[section.start_ms, section.end_ms, section.name] for section in result.score.sections],
    }


def level(audio: Audio) -> float:
    """Return the RMS level in dBFS."""
    total = sum(float(np.square(block, dtype=np.float64).sum()) for block in audio.blocks())
    return 10 * float(np.log10(max(total / max(1, 2 * audio.frames), 1e-12)))


def main() -> None:
    """Render an order, given as JSON, into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("order")
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    render(RenderOrder(**json.loads(arguments.order)), arguments.folder)


if __name__ == "__main__":
    main()
