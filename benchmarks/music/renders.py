"""One request through the Engine port and the library's own MP3 encoding, in this process or in one of its own."""

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
    """What to render: a prompt, a length in seconds, a seed and the key of an engine."""

    prompt: str
    seconds: float
    seed: int
    engine: str = "studio"


class NullMonitor:
    """A monitor that nobody reads."""

    def report(self, stage: str, fraction: float) -> None:
        """See Monitor."""


def render(order: RenderOrder, folder: Path) -> dict[str, Any]:
    """Renders into ``folder``: the MP3, the MIDI file and a JSON of facts, which is also given back.

    CPU seconds are those of composing to mastering, and of the MP3, in this process; imports count apart.
    """
    begun = time.process_time()
    engine = EngineRegistry().load(order.engine)
    loaded = time.process_time()
    wall = time.perf_counter()
    with TemporaryDirectory(dir=folder) as workspace:
        request = RenderRequest(order.prompt, order.seconds, order.seed)
        made = engine.render(request, Path(workspace), NullMonitor())
        rendered, wall = time.process_time(), time.perf_counter() - wall
        encoding.mp3(made.master, folder / MP3_FILE, NullMonitor())
        encoded = time.process_time()
        facts = {**_told(made), "frames": made.master.frames, "pcm_sha256": fingerprint(made.master)}
        facts["stems_dbfs"] = {name: round(_level(stem), 2) for name, stem in made.stems.items()}
    (folder / MIDI_FILE).write_bytes(made.score.midi)
    facts["cpu_seconds"] = {
        "import": round(loaded - begun, 3),
        "render": round(rendered - loaded, 3),
        "mp3": round(encoded - rendered, 3),
    }
    facts["wall_seconds"] = round(wall, 3)
    facts["peak_megabytes"] = round(_peak_megabytes(), 1)
    (folder / FACTS_FILE).write_text(json.dumps(facts))
    return facts


def render_in_subprocess(order: RenderOrder, folder: Path) -> dict[str, Any]:
    """The same in a fresh process, so that memory and CPU seconds are this rendering's alone.

    Raises subprocess.CalledProcessError when the engine fails.
    """
    words = [sys.executable, "-m", "benchmarks.music.renders", json.dumps(asdict(order)), str(folder)]
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment = {**os.environ, **one_thread}
    subprocess.run(words, check=True, cwd=PROJECT, env=environment)  # noqa: S603  our own interpreter and module
    facts: dict[str, Any] = json.loads((folder / FACTS_FILE).read_text())
    return facts


def fingerprint(audio: Audio) -> str:
    """SHA-256 of the sound as 16-bit PCM: little-endian, interleaved, rounded to the nearest step."""
    digest = hashlib.sha256()
    for block in audio.blocks():
        digest.update(np.rint(np.clip(block, -1.0, 1.0) * 32767).astype("<i2").tobytes())
    return digest.hexdigest()


def source_hash(engine: str = "studio") -> str:
    """Eight characters that change with any source file of an engine, or with the port."""
    digest = hashlib.sha256((PROJECT / "engines" / "port.py").read_bytes())
    for path in sorted((PROJECT / "engines" / engine).rglob("*.py")):
        digest.update(str(path.relative_to(PROJECT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def _peak_megabytes() -> float:
    """The most memory that this program held; on Linux without what the program that started it held before."""
    if STATUS.exists():
        fields = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def _told(made: RenderResult) -> dict[str, Any]:
    parts = made.extras.get("parts", ())
    return {
        "title": made.title,
        "facts": asdict(made.facts),
        "parts": list(parts) if isinstance(parts, list | tuple) else [],
        "chords": [[chord.start_ms, chord.end_ms, chord.symbol] for chord in made.score.chords],
        "sections": [[one.start_ms, one.end_ms, one.name] for one in made.score.sections],
    }


def _level(audio: Audio) -> float:
    """RMS of a whole sound in dBFS."""
    total = sum(float(np.square(block, dtype=np.float64).sum()) for block in audio.blocks())
    return 10 * float(np.log10(max(total / max(1, 2 * audio.frames), 1e-12)))


def main() -> None:
    """Renders what the first argument says (JSON) into the folder that the second names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("order")
    parser.add_argument("folder", type=Path)
    words = parser.parse_args()
    render(RenderOrder(**json.loads(words.order)), words.folder)


if __name__ == "__main__":
    main()
