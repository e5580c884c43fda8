"""What each file of a track costs a worker: time to make it, bytes to keep it; and what papers and a seal add.

``python -m benchmarks.files --seconds 60`` renders one track and prints a table.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core import clock
from core.settings import C2paSettings
from core.track_metadata import TrackMetadata, hash_prompt
from engines.port import RenderRequest, RenderResult
from engines.registry import EngineRegistry
from server.cli import c2pa_certificates
from workers import file_tags
from workers.covers import render
from workers.covers.features import CoverFeatures
from workers.file_tags import c2pa
from workers.files import encoding

PROMPT = "warm lofi beat at 82 bpm with rhodes"


class NullMonitor:
    """A monitor that nobody watches."""

    def report(self, stage: str, fraction: float) -> None:
        """See Monitor."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    seconds: float
    size_bytes: int


class Bench:
    """One track on its way to its files, each step measured."""

    def __init__(self, seconds: float, folder: Path) -> None:
        self.folder = folder
        self.table: list[Row] = []
        audio = folder / "audio"
        audio.mkdir()
        engine, request = EngineRegistry().load("studio"), RenderRequest(PROMPT, seconds, 7)
        began = time.perf_counter()
        self.render_result: RenderResult = engine.render(request, audio, NullMonitor())
        self.table.append(Row("rendering", time.perf_counter() - began, 0))

    def measure(self, name: str, work: Callable[[], object], *made: Path) -> None:
        """How long it takes, and how large what it made is."""
        began = time.perf_counter()
        work()
        seconds = time.perf_counter() - began
        self.table.append(Row(name, seconds, sum(path.stat().st_size for path in made)))

    def encode(self) -> None:
        """What every track has, and a WAV as somebody may ask for it."""
        master, stems = self.render_result.master, self.render_result.stems
        mp3, flac, wav, _ = self.masters
        self.measure("MP3", lambda: encoding.mp3(master, mp3, NullMonitor()), mp3)
        self.measure("lossless master (FLAC)", lambda: encoding.flac(master, flac, NullMonitor()), flac)
        paths = {name: self.folder / f"{name}.flac" for name in stems}
        self.measure(f"{len(stems)} stems (FLAC)", partial(self._stems, paths), *paths.values())
        self.measure("waveform and cover", self._drawn, self.folder / "waveform.json", self.masters[3])
        self.measure("WAV, when asked for", lambda: encoding.wav(flac, wav, NullMonitor()), wav)

    def write_metadata(self) -> None:
        """Papers and a seal in each master."""
        facts, cover = self._facts(), self.masters[3].read_bytes()
        seal = c2pa.create_signer(_signing(self.folder))
        for path in self.masters[:3]:
            kind = path.suffix[1:].upper()
            self.measure(f"papers in the {kind}", partial(file_tags.write, path, facts, cover))
            if seal is not None:
                self.measure(f"seal of the {kind}", partial(seal, path, facts))

    @property
    def masters(self) -> Sequence[Path]:
        """MP3, FLAC, WAV, and the cover for them."""
        return [self.folder / name for name in ("master.mp3", "master.flac", "master.wav", "cover.png")]

    def _stems(self, paths: Mapping[str, Path]) -> None:
        for name, audio in self.render_result.stems.items():
            encoding.flac(audio, paths[name], NullMonitor())

    def _drawn(self) -> None:
        peaks = encoding.waveform(self.render_result.master, self.folder / "waveform.json", NullMonitor())
        self.masters[3].write_bytes(
            render.render_png(render.render_svg(CoverFeatures.from_rendering(self.render_result, peaks)))
        )

    def _facts(self) -> TrackMetadata:
        card, facts = EngineRegistry().default, self.render_result.facts
        return TrackMetadata(
            track_id="mtrack_0123456789ab",
            title=self.render_result.title,
            creator="Benchmark",
            engine=card.name,
            engine_version=card.version,
            source_type=card.source_type,
            prompt_sha256=hash_prompt(PROMPT),
            licence_class=card.licence.licence_class,
            licence_version=card.licence.version,
            requires_attribution=card.licence.requires_attribution,
            made_at=clock.iso(clock.now()),
            tempo_bpm=facts.tempo_bpm,
            key=facts.key,
        )


def _signing(folder: Path) -> C2paSettings:
    chain, key = c2pa_certificates.create(folder / "c2pa", "Benchmark")
    return C2paSettings(chain_file=chain, key_file=key)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the track")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(asked.seconds, Path(folder))
        bench.encode()
        bench.write_metadata()
    sys.stdout.write("| step | seconds | MB |\n|---|---|---|\n")
    for row in bench.table:
        size = f"{row.size_bytes / 1e6:.2f}" if row.size_bytes else ""
        sys.stdout.write(f"| {row.name} | {row.seconds:.3f} | {size} |\n")


if __name__ == "__main__":
    main()
