"""``python -m benchmarks.engines.pictures``: draw a track of each remote engine's adapter, as spectrogram and level.

The peers of the tests have no weights. Each picture states which server answered and that a tone generator made the
sound: it shows the way of a file through an adapter, and nothing of the music of its model.
"""

import argparse
import asyncio
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt

from benchmarks.engines import adapter_tracks
from benchmarks.engines.adapter_tracks import ADAPTERS, AdapterTrack
from benchmarks.music import plots
from benchmarks.music.metrics import loudness_metrics
from core.settings import PROJECT

FOLDER: Final = PROJECT / "docs" / "guides" / "pictures"
INCHES, DOTS_PER_INCH = (7.5, 4.4), 80
TITLE_WIDTH: Final = 105


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines.pictures", description=__doc__)
    parser.add_argument("--adapter", choices=ADAPTERS, action="append", help="draw only this one; may be repeated")
    parser.add_argument("--pictures-into", type=Path, default=FOLDER, help="folder of the pictures")
    chosen = parser.parse_args(arguments)
    chosen.pictures_into.mkdir(parents=True, exist_ok=True)
    for name in chosen.adapter or ADAPTERS:
        track = asyncio.run(adapter_tracks.render(ADAPTERS[name]))
        target = draw(track, chosen.pictures_into / f"engine-{name}.png")
        level = loudness_metrics.integrated_loudness(track.sound)
        sys.stdout.write(f"{target}  {track.sound.seconds:.1f} s  {level:.1f} LUFS  {track.facts}\n")
    return 0


def draw(track: AdapterTrack, target: Path) -> Path:
    """Draw a track into a PNG file."""
    figure, (top, bottom) = plt.subplots(2, 1, figsize=INCHES, sharex=True, height_ratios=(2, 1), layout="constrained")
    plots.plot_spectrogram(top, track.sound)
    plots.plot_loudness(bottom, track.sound)
    top.set_ylabel("Hz")
    bottom.set(ylabel="LUFS", xlabel="seconds", xlim=(0, track.sound.seconds))
    origin = textwrap.fill(f"Made by {track.origin}. File: {track.facts}.", TITLE_WIDTH)
    top.set_title(f"{track.name}\n{origin}", fontsize=8, loc="left")
    figure.savefig(target, dpi=DOTS_PER_INCH)
    plt.close(figure)
    plots.quantize(target)
    return target


if __name__ == "__main__":
    sys.exit(main())
