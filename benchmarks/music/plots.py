"""Pictures of tracks: spectrogram, loudness and piano roll, three seeds of a style side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import librosa
import matplotlib as mpl
import numpy as np

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from benchmarks.music import audio, midi_score, renders
from benchmarks.music.metrics import loudness_metrics
from benchmarks.music.midi_score import MidiScore, Note

PROMPTS: Final = {
    "lofi": "lofi hip hop",
    "techno": "techno",
    "drum-and-bass": "drum and bass",
    "trap": "trap",
    "rock": "rock",
    "folk": "folk",
    "jazz-trio": "jazz trio",
    "cinematic": "cinematic orchestra",
    "classical-piano": "classical piano",
    "ambient": "ambient",
}
"""The prompt of each picture by the name of its file."""
SEEDS: Final = (1, 2, 3)
SECONDS: Final = 60.0
DRUM_COLOUR: Final = "#999999"
COLOURS: Final = ("#3366aa", "#cc5533", "#228855", "#885599", "#bb8811", "#117788", "#aa3366", "#667722")
INCHES, DOTS_PER_INCH = (15.0, 8.5), 68
"""The size of a picture, which gives files below 150 kB."""


@dataclass(frozen=True, slots=True)
class _Track:
    """A rendered track with its facts, as in renders.FACTS_FILE."""

    sound: audio.StereoAudio
    music: MidiScore
    facts: dict[str, Any]
    seed: int


def draw_pictures(folder: Path, wanted: str = "") -> Iterator[Path]:
    """Render the prompts that contain a text with each seed, draw a picture of each prompt, and yield its file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, prompt in PROMPTS.items():
        if wanted in prompt:
            yield _draw(prompt, [_render(prompt, seed) for seed in SEEDS], folder / f"{name}.png")


def _render(prompt: str, seed: int) -> _Track:
    with TemporaryDirectory() as workspace:
        folder = Path(workspace)
        facts = renders.render_in_subprocess(renders.RenderOrder(prompt, SECONDS, seed), folder)
        music = midi_score.read(folder / renders.MIDI_FILE, facts["chords"], facts["facts"]["key"])
        return _Track(audio.load(folder / renders.MP3_FILE), music, facts, seed)


def _draw(prompt: str, tracks: list[_Track], target: Path) -> Path:
    figure, rows = plt.subplots(
        3, len(tracks), figsize=INCHES, sharex=True, sharey="row", height_ratios=(3, 1.2, 3), layout="constrained"
    )
    for track, column in zip(tracks, rows.T, strict=True):
        _draw_track(track, column)
    for axes, label in zip(rows[:, 0], ("Hz", "LUFS", "MIDI pitch"), strict=True):
        axes.set_ylabel(label)
    figure.suptitle(prompt, fontsize=12)
    figure.savefig(target, dpi=DOTS_PER_INCH)
    plt.close(figure)
    quantize(target)
    return target


def _draw_track(track: _Track, column: "np.ndarray[tuple[int], np.dtype[np.object_]]") -> None:
    top, middle, bottom = column
    plot_spectrogram(top, track.sound)
    plot_loudness(middle, track.sound)
    _plot_piano_roll(bottom, track.music.tracks(), track.music.tempo)
    facts = track.facts["facts"]
    top.set_title(f"seed {track.seed}: {facts['tempo_bpm']:g} bpm, {facts['key']}", fontsize=10, loc="left", pad=16)
    for start, _, name in track.facts["sections"]:
        for axes in (top, middle, bottom):
            axes.axvline(start / 1000, color="#222222", linewidth=0.6, linestyle=":")
        top.text(start / 1000, 17_500, name, fontsize=7, va="bottom", ha="left")
    bottom.set(xlim=(0, track.sound.seconds), xlabel="seconds")


def quantize(target: Path) -> None:
    """Reduce the colours, which halves the size of the file."""
    from PIL import Image  # noqa: PLC0415  installed with matplotlib

    with Image.open(target) as picture:
        small = picture.convert("RGB").quantize(method=Image.Quantize.MAXCOVERAGE)
    small.save(target, optimize=True)


def plot_spectrogram(axes: Axes, sound: audio.StereoAudio) -> None:
    """Plot the power of mel bands over time, on a logarithmic scale of frequency."""
    mono = sound.mono.astype(np.float32)
    mel = librosa.feature.melspectrogram(
        y=mono, sr=44_100, n_fft=4096, hop_length=2048, n_mels=160, fmin=25, fmax=16_000
    )
    level = librosa.power_to_db(mel, ref=np.max, top_db=80)
    edges = librosa.mel_frequencies(n_mels=160, fmin=25, fmax=16_000)
    times = np.arange(level.shape[1]) * 2048 / 44_100
    axes.pcolormesh(times, edges, level, shading="nearest", cmap="magma", rasterized=True)
    axes.set(yscale="log", ylim=(30, 16_000))


def plot_loudness(axes: Axes, sound: audio.StereoAudio) -> None:
    """Plot momentary and short-term loudness over time."""
    curves = loudness_metrics.loudness_curves(sound)
    start = (sound.seconds - 0.1 * (len(curves.short) - 1)) / 2
    axes.plot(0.2 + 0.1 * np.arange(len(curves.momentary)), curves.momentary, linewidth=0.5, color="#999999")
    axes.plot(start + 0.1 * np.arange(len(curves.short)), curves.short, linewidth=1.4, color="#cc5533")
    axes.set(ylim=(-40, -6))
    axes.grid(visible=True, linewidth=0.3)


def _plot_piano_roll(axes: Axes, tracks: dict[str, list[Note]], tempo: float) -> None:
    """Plot notes as bars, one colour per track, at a constant tempo (a ritardando shifts the last notes slightly)."""
    for place, (name, notes) in enumerate(tracks.items()):
        colour = DRUM_COLOUR if notes[0].is_drum else COLOURS[place % len(COLOURS)]
        starts = [note.start * 60 / tempo for note in notes]
        lengths = [max(0.1, (note.end - note.start) * 60 / tempo) for note in notes]
        axes.barh(
            [note.pitch for note in notes], lengths, 0.9, starts, color=colour, linewidth=0, label=_instrument(name)
        )
    axes.legend(fontsize=6, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3, frameon=False)


def _instrument(track: str) -> str:
    """Return the instrument in the name of a track: "tune (Flute)"."""
    return track.rpartition(" (")[2].removesuffix(")")
