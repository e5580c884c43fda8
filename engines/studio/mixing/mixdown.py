"""The desk: channels into stems with their rooms and echoes, stems into a mix, block by block into files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio.dsp.arrays import Mono, Reals, Wave
from engines.studio.dsp.loudness import LEVEL_FRAMES, LoudnessMeter, true_peaks
from engines.studio.effects.base_effects import Effect, Equaliser, MonoBass, cut, high_shelf
from engines.studio.effects.reverb_delay import PingPongDelay, Reverb, reverb_impulse_response
from engines.studio.mixing.channels import Channel
from engines.studio.model.style import Style

BLOCK_FRAMES: Final = 1 << 17
STEM_ORDER: Final = ("drums", "bass", "harmony", "melody", "texture")
MAX_DRUM_REVERB_SECONDS: Final = 0.9
FINAL_SILENCE_SECONDS: Final = 0.12
LOW_CUT_HZ: Final = 22.0
"""Below this there is no music, only the offset that saturation leaves."""


def with_energy_tilt(style: Style, energy: float) -> Style:
    """A style with the treble that an energy is played with: harder is brighter, softer is darker."""
    return replace(style, treble_db=style.treble_db + max(-3.0, min(2.0, 12.0 * (energy - style.energy))))


class BusCompressor:
    """A gentle bus compressor: one gain for both channels and all stems, so that stems still add up to the mix.

    Levels are followed per GRAIN with 10 ms up and 150 ms down; ratio 1 to 2 above a threshold that follows the mix.
    """

    def __init__(self, amount: float) -> None:
        self._slope = 0.4 * amount
        self._level = -40.0
        self._average = -24.0

    def gain(self, mix: Wave) -> Mono:
        """The gain for a block, shape (frames,)."""
        power = np.square(mix).mean(axis=0).reshape(-1, LEVEL_FRAMES * 16).mean(axis=1)
        levels = 10 * np.log10(np.maximum(power, 1e-9))
        gains = np.empty(len(levels) + 1)
        gains[0] = self._reduction()
        for place, level in enumerate(levels):
            up = level > self._level
            self._level += (level - self._level) * (0.6 if up else 0.08)
            self._average += (max(level, -50.0) - self._average) * 0.004
            gains[place + 1] = self._reduction()
        grid = np.arange(len(gains)) * LEVEL_FRAMES * 16
        return np.asarray(10 ** (np.interp(np.arange(mix.shape[1]), grid, gains) / 20), dtype=np.float32)

    def _reduction(self) -> float:
        return -self._slope * max(0.0, self._level - self._average - 2.0)


class _StemBus:
    """One stem while it is mixed: a sum, two sends, a room and an echo."""

    def __init__(self, stem: str, style: Style, beat: float) -> None:
        seconds = min(MAX_DRUM_REVERB_SECONDS, style.reverb[0]) if stem == "drums" else style.reverb[0]
        self._room = Reverb(reverb_impulse_response(seconds, style.reverb[1]), BLOCK_FRAMES)
        self._echo = PingPongDelay(beat * 0.75)
        self._has_echo = False
        self._rings = 0
        self._tail = 2 + int(seconds * 1.2 * SAMPLE_RATE / BLOCK_FRAMES)
        self._finish: tuple[Effect, ...] = (
            MonoBass(130.0),
            Equaliser(high_shelf(3600.0, style.treble_db), cut(LOW_CUT_HZ)),
        )
        self.clear()

    def clear(self) -> None:
        """Empties the sum and the sends for the next block."""
        self._dry, self._sent, self._echoed = (np.zeros((2, BLOCK_FRAMES), dtype=np.float32) for _ in range(3))

    def add(self, sound: Wave, reverb: float, delay: float) -> None:
        """Adds a channel with its sends."""
        self._dry += sound
        if reverb:
            self._sent += sound * np.float32(reverb)
            self._rings = self._tail
        if delay:
            self._echoed += sound * np.float32(delay)
            self._has_echo = True

    def mixed(self) -> Wave:
        """The stem's block, shape (2, SIZE)."""
        sound = self._dry
        if self._has_echo:
            wet = self._echo(self._echoed)
            sound = sound + wet
            self._sent += wet * np.float32(0.25)
        if self._rings:
            self._rings -= 1
            sound = sound + self._room(self._sent)
        for effect in self._finish:
            sound = effect(sound)
        self.clear()
        return sound


class Mixdown:
    """What the desk leaves: files per stem and for the mix, their peaks, and the grains a master needs."""

    def __init__(self, folder: Path, stems: Sequence[str], frames: int) -> None:
        self.frames = frames
        self.paths: Mapping[str, Path] = {name: folder / f"{name}.f32" for name in (*stems, "mix")}
        self.peaks = dict.fromkeys(self.paths, 0.0)
        self._files: dict[str, BinaryIO] = {name: path.open("wb") for name, path in self.paths.items()}
        self._meter = LoudnessMeter()
        self._true_peaks: list[Reals] = []

    def write(self, sounds: Mapping[str, Wave], mix: Wave) -> None:
        """Appends a block of every stem and the mix, each (2, frames)."""
        for name, sound in (*sounds.items(), ("mix", mix)):
            self.peaks[name] = max(self.peaks[name], float(np.abs(sound).max(initial=0.0)))
            self._files[name].write(np.ascontiguousarray(sound.T, dtype="<f4").tobytes())
        self._meter.add(mix)
        self._true_peaks.append(true_peaks(mix))

    def close(self) -> None:
        """Closes the files."""
        for file in self._files.values():
            file.close()

    @property
    def powers(self) -> Reals:
        """The K-weighted power of each grain of the mix."""
        return self._meter.powers

    @property
    def true_peaks(self) -> Reals:
        """The true peak of each grain of the mix."""
        return np.concatenate(self._true_peaks)


def mix(
    channels: Sequence[Channel],
    style: Style,
    frames: int,
    folder: Path,
    beat_seconds: float,
    report_progress: Callable[[float], None],
    *,
    has_ending: bool = True,
) -> Mixdown:
    """Mixes all channels into ``folder``; ``tell`` hears the share that is done, several times a second.

    Unless it ``ends``, the sound goes on at full level to its last moment.
    """
    names = [stem for stem in STEM_ORDER if any(channel.part.stem == stem for channel in channels)]
    buses: dict[str, _StemBus] = {}
    for name in names:
        report_progress(0.0)
        buses[name] = _StemBus(name, style, beat_seconds)
    result = Mixdown(folder, names, frames)
    glue = BusCompressor(style.bus_compression)
    count = -(-frames // BLOCK_FRAMES)
    steps = count * (len(channels) + len(names))
    done = 0
    try:
        for number in range(count):
            for channel in channels:
                part = channel.part
                buses[part.stem].add(channel.block(number), part.reverb, part.delay)
                done += 1
                report_progress(done / steps)
            sounds: dict[str, Wave] = {}
            for name, bus in buses.items():
                sounds[name] = bus.mixed()
                done += 1
                report_progress(done / steps)
            _write_block(result, sounds, glue, number, frames, has_ending=has_ending)
    finally:
        result.close()
    return result


def _write_block(
    result: Mixdown, sounds: dict[str, Wave], glue: BusCompressor, number: int, frames: int, *, has_ending: bool
) -> None:
    start = number * BLOCK_FRAMES
    edge = ending_gain(start, BLOCK_FRAMES, frames, has_ending=has_ending)
    shape = glue.gain(sum(sounds.values(), start=np.zeros((2, BLOCK_FRAMES), dtype=np.float32))) * edge
    kept = min(BLOCK_FRAMES, frames - start)
    shaped = {name: sound[:, :kept] * shape[:kept] for name, sound in sounds.items()}
    total = np.sum(np.stack(list(shaped.values())).astype(np.float64), axis=0).astype(np.float32)
    result.write(shaped, total)


def ending_gain(start: int, size: int, frames: int, *, has_ending: bool = True) -> Mono:
    """The gain of the ending for the frames from ``start``: a curve down to -66 dB, then a short silence's worth.

    Unless it ``ends``, only the very edges are eased, so that they do not click.
    """
    total = frames / SAMPLE_RATE
    length = min(3.0, 0.3 * total + 0.15)
    last = frames - FINAL_SILENCE_SECONDS * SAMPLE_RATE
    axis = start + np.arange(size)
    way = np.clip((axis - (last - length * SAMPLE_RATE)) / (length * SAMPLE_RATE), 0.0, 1.0)
    curve = np.cos(np.pi / 2 * way) ** 1.6 * (1 - 5e-4) + 5e-4
    out = np.clip((frames - axis) / (0.01 * SAMPLE_RATE), 0.0, 1.0)
    first = np.clip((axis + 1) / 64.0, 0.0, 1.0)
    return np.asarray((curve if has_ending else 1.0) * out * first, dtype=np.float32)
