"""Plots of a track: spectrogram, loudness and piano roll, with the sections marked."""

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
from benchmarks.music.midi_score import Note

PLOTTED_PROMPTS: Final = {
    "lofi": "lofi hip hop, 82 bpm in A minor",
    "techno": "techno, 132 bpm in E minor",
    "drum-and-bass": "drum and bass, 174 bpm in G minor",
    "jazz-trio": "jazz trio, 128 bpm in F major",
    "cinematic": "epic cinematic orchestra, 110 bpm in D minor",
    "solo-piano": "solo piano, 72 bpm in C minor",
}
SECONDS: Final = 60.0
COLOURS: Final = ("#3366aa", "#cc5533", "#228855", "#885599", "#bb8811", "#117788", "#aa3366", "#667722", "#555555")


def draw_plots(folder: Path) -> list[Path]:
    """Render PLOTTED_PROMPTS, plot each into ``folder`` and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, prompt in PLOTTED_PROMPTS.items():
        with TemporaryDirectory() as workspace:
            facts = renders.render_in_subprocess(renders.RenderOrder(prompt, SECONDS, 1), Path(workspace))
            files.append(_plot(Path(workspace), facts, f"{prompt} (seed 1)", folder / f"{name}.png"))
    return files


def _plot(work: Path, facts: dict[str, Any], title: str, target: Path) -> Path:
    sound = audio.load(work / renders.MP3_FILE)
    music = midi_score.read(work / renders.MIDI_FILE, facts["chords"], facts["facts"]["key"])
    figure, (top, middle, bottom) = plt.subplots(
        3, 1, figsize=(10, 7.5), sharex=True, height_ratios=(3, 1.2, 3), layout="constrained"
    )
    _plot_spectrogram(top, sound)
    _plot_loudness(middle, sound)
    _plot_piano_roll(bottom, music.tracks(), music.tempo)
    properties = facts["facts"]
    top.set_title(
        f"{title} - {properties['style']}, {properties['tempo_bpm']:g} bpm, {properties['key']}",
        fontsize=10,
        loc="left",
        pad=16,
    )
    for start, _, name in facts["sections"]:
        for axes in (top, middle, bottom):
            axes.axvline(start / 1000, color="#222222", linewidth=0.6, linestyle=":")
        top.text(start / 1000, 17_500, name, fontsize=7, va="bottom", ha="left")
    bottom.set(xlim=(0, sound.seconds), xlabel="seconds")
    figure.savefig(target, dpi=72, pil_kwargs={"optimize": True})
    plt.close(figure)
    _quantize(target)
    return target


def _quantize(target: Path) -> None:
    """Reduce the image to 128 colours, which halves its file size."""
    from PIL import Image  # noqa: PLC0415  installed with matplotlib

    with Image.open(target) as picture:
        small = picture.convert("RGB").quantize(128)
    small.save(target, optimize=True)


def _plot_spectrogram(axes: Axes, sound: audio.StereoAudio) -> None:
    mono = sound.mono.astype(np.float32)
    mel = librosa.feature.melspectrogram(
        y=mono, sr=44_100, n_fft=4096, hop_length=2048, n_mels=160, fmin=25, fmax=16_000
    )
    level = librosa.power_to_db(mel, ref=np.max, top_db=80)
    edges = librosa.mel_frequencies(n_mels=160, fmin=25, fmax=16_000)
    times = np.arange(level.shape[1]) * 2048 / 44_100
    axes.pcolormesh(times, edges, level, shading="nearest", cmap="magma", rasterized=True)
    axes.set(yscale="log", ylim=(30, 16_000), ylabel="Hz")


def _plot_loudness(axes: Axes, sound: audio.StereoAudio) -> None:
    curves = loudness_metrics.loudness_curves(sound)
    start = (sound.seconds - 0.1 * (len(curves.short) - 1)) / 2
    axes.plot(0.2 + 0.1 * np.arange(len(curves.momentary)), curves.momentary, linewidth=0.5, color="#999999")
    axes.plot(start + 0.1 * np.arange(len(curves.short)), curves.short, linewidth=1.4, color="#cc5533")
    axes.set(ylim=(-40, -6), ylabel="LUFS")
    axes.grid(visible=True, linewidth=0.3)


def _plot_piano_roll(axes: Axes, tracks: dict[str, list[Note]], tempo: float) -> None:
    """Plot notes as bars, one colour per track, at a constant tempo (a ritardando shifts the last notes slightly)."""
    for place, (name, notes) in enumerate(tracks.items()):
        colour = COLOURS[place % len(COLOURS)]
        starts = [note.start * 60 / tempo for note in notes]
        lengths = [max(0.06, (note.end - note.start) * 60 / tempo) for note in notes]
        axes.barh([note.pitch for note in notes], lengths, 0.9, starts, color=colour, linewidth=0, label=name)
    axes.set(ylabel="MIDI pitch")
    axes.legend(fontsize=6, loc="upper left", ncols=4, framealpha=0.7)
    axes.margins(y=0.12)
