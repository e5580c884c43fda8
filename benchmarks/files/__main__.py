"""Time and size of each file of a track, of its metadata and C2PA manifest, and the CPU time of the whole track.

``python -m benchmarks.files --seconds 60`` renders one track and prints a table of its files; ``python -m
benchmarks.files cost`` renders one track of every style and prints the CPU time of its steps.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.files.track_cost import build_metadata, cost_table, measure_styles
from benchmarks.music.renders import NullMonitor
from core.settings import C2paSettings
from engines.port import RenderRequest, RenderResult
from engines.registry import EngineRegistry
from engines.studio.styles import STYLES
from server.cli import signing_keys
from workers import file_tags
from workers.covers import render
from workers.covers.features import CoverFeatures
from workers.file_tags import c2pa
from workers.files import encoding

PROMPT = "warm lofi beat at 82 bpm with rhodes"


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    seconds: float
    size_bytes: int


class Bench:
    """Render one track, write its files and measure each step."""

    def __init__(self, seconds: float, folder: Path) -> None:
        self.folder = folder
        self.table: list[Row] = []
        audio = folder / "audio"
        audio.mkdir()
        engine, request = EngineRegistry().load("studio"), RenderRequest(PROMPT, seconds, 7)
        started_at = time.perf_counter()
        self.render_result: RenderResult = engine.render(request, audio, NullMonitor())
        self.table.append(Row("rendering", time.perf_counter() - started_at, 0))

    def measure(self, name: str, step: Callable[[], object], *files: Path) -> None:
        """Measure the duration of a step and the size of its files."""
        started_at = time.perf_counter()
        step()
        seconds = time.perf_counter() - started_at
        self.table.append(Row(name, seconds, sum(path.stat().st_size for path in files)))

    def encode(self) -> None:
        """Encode the files of every track, and a WAV, which is encoded on request."""
        master, stems = self.render_result.master, self.render_result.stems
        mp3, flac, wav, _ = self.masters
        self.measure("MP3", lambda: encoding.mp3(master, mp3, NullMonitor()), mp3)
        self.measure("lossless master (FLAC)", lambda: encoding.flac(master, flac, NullMonitor()), flac)
        paths = {name: self.folder / f"{name}.flac" for name in stems}
        self.measure(f"{len(stems)} stems (FLAC)", partial(self._encode_stems, paths), *paths.values())
        self.measure("waveform and cover", self._draw, self.folder / "waveform.json", self.masters[3])
        self.measure("WAV, on request", lambda: encoding.wav(flac, wav, NullMonitor()), wav)

    def write_metadata(self) -> None:
        """Write metadata and a C2PA manifest into each master."""
        metadata, cover = build_metadata(self.render_result, PROMPT), self.masters[3].read_bytes()
        sign = c2pa.create_signer(_create_certificates(self.folder))
        for path in self.masters[:3]:
            kind = path.suffix[1:].upper()
            self.measure(f"metadata of the {kind}", partial(file_tags.write, path, metadata, cover))
            if sign is not None:
                self.measure(f"C2PA manifest of the {kind}", partial(sign, path, metadata))

    @property
    def masters(self) -> Sequence[Path]:
        """The paths of MP3, FLAC, WAV and cover."""
        return [self.folder / name for name in ("master.mp3", "master.flac", "master.wav", "cover.png")]

    def _encode_stems(self, paths: Mapping[str, Path]) -> None:
        for name, audio in self.render_result.stems.items():
            encoding.flac(audio, paths[name], NullMonitor())

    def _draw(self) -> None:
        peaks = encoding.waveform(self.render_result.master, self.folder / "waveform.json", NullMonitor())
        self.masters[3].write_bytes(
            render.render_png(render.render_svg(CoverFeatures.from_rendering(self.render_result, peaks)))
        )


def _create_certificates(folder: Path) -> C2paSettings:
    chain, key = signing_keys.create_certificates(folder / "c2pa", "Benchmark")
    return C2paSettings(chain_file=chain, key_file=key)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", nargs="?", choices=("files", "cost"), default="files")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the track")
    parser.add_argument("--styles", nargs="+", choices=tuple(STYLES), default=tuple(STYLES), metavar="STYLE",
                        help="keys of the styles of cost; all by default")  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="seed of the tracks of cost")
    options = parser.parse_args()
    if options.command == "cost":
        costs = measure_styles(options.styles, options.seconds, options.seed)
        sys.stdout.write(cost_table(costs).markdown())
        return
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.seconds, Path(folder))
        bench.encode()
        bench.write_metadata()
    sys.stdout.write("| step | seconds | MB |\n|---|---|---|\n")
    for row in bench.table:
        size = f"{row.size_bytes / 1e6:.2f}" if row.size_bytes else ""
        sys.stdout.write(f"| {row.name} | {row.seconds:.3f} | {size} |\n")


if __name__ == "__main__":
    main()
