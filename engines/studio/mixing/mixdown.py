"""Mixes channels into stems with reverb and delay, and stems into a mix, block by block into files."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio.dsp.arrays import Mono, Reals, Wave, interleaved, ramps
from engines.studio.dsp.convolution import Spectrum
from engines.studio.dsp.loudness import LEVEL_FRAMES, LoudnessMeter, true_peaks
from engines.studio.effects.base_effects import Effect, bell, cut, high_shelf, low_shelf, stereo_width
from engines.studio.effects.reverb_delay import PingPongDelay, Reverb
from engines.studio.mixing.automation import SweptFilter
from engines.studio.mixing.channels import Channel
from engines.studio.mixing.mix_character import BUS_CHAINS, MixCharacter
from engines.studio.model.mix_settings import Band, MixSettings
from engines.studio.model.style import Style

BLOCK_FRAMES: Final = 1 << 17
STEM_ORDER: Final = ("drums", "bass", "harmony", "melody", "texture")
MAX_COMPRESSION: Final = 2.1
"""The largest amount of bus compression: a ratio of about 6:1."""
COMPRESSOR_STEP: Final = 16 * LEVEL_FRAMES
"""Frames after which the gain of the bus compressor changes its slope."""
FINAL_SILENCE_SECONDS: Final = 0.12
PRESENCE_HZ, PRESENCE_Q = 3000.0, 0.6
LOW_CUT_HZ: Final = 22.0
"""Removes the DC offset of saturation; no music is below this frequency."""


def with_energy_tilt(style: Style, energy: float) -> Style:
    """Return the style with more treble for an energy above its own, and less for one below."""
    return replace(style, treble_db=style.treble_db + max(-3.0, min(2.0, 12.0 * (energy - style.energy))))


class BusCompressor:
    """A gentle bus compressor with one gain for both channels and all stems, so that the stems add up to the mix.

    The level is followed with 10 ms attack and 150 ms release. The threshold follows the average level.
    """

    def __init__(self, amount: float) -> None:
        self._slope = 0.4 * amount
        self._level = -40.0
        self._average = -24.0

    def gain(self, mix: Wave) -> Mono:
        """Return the gain for a block, shape (frames,)."""
        power = np.square(mix).reshape(2, -1, COMPRESSOR_STEP).mean(axis=(0, 2))
        levels = 10 * np.log10(np.maximum(power, 1e-9))
        gains = [self._reduction()]
        for level in levels.tolist():
            is_rising = level > self._level
            self._level += (level - self._level) * (0.6 if is_rising else 0.08)
            self._average += (max(level, -50.0) - self._average) * 0.004
            gains.append(self._reduction())
        exponents = np.array(gains) * (np.log(10.0) / 20.0)
        return np.asarray(np.exp(ramps(exponents, COMPRESSOR_STEP)), dtype=np.float32)

    def _reduction(self) -> float:
        return -self._slope * max(0.0, self._level - self._average - 2.0)


class _StemBus:
    """The bus of one stem: a dry sum, a reverb send and a delay send."""

    def __init__(
        self,
        reverb: Reverb,
        character: MixCharacter,
        settings: MixSettings,
        beat_seconds: float,
        sweep: SweptFilter | None,
    ) -> None:
        self._reverb = reverb
        self._delay = PingPongDelay(beat_seconds * 0.75)
        self._has_delay = False
        self._reverb_blocks = 0
        self._width = stereo_width(130.0, settings.width)
        bands = (_band_sections(band) for band in settings.bands)
        style = character.style
        treble = np.concatenate([high_shelf(3600.0, style.treble_db), bell(PRESENCE_HZ, style.presence_db, PRESENCE_Q)])
        effects = BUS_CHAINS[character.chain].effects(treble, cut(LOW_CUT_HZ), *bands)
        self._sweep = sweep
        self._effects: tuple[Effect, ...] = (sweep, *effects) if sweep else effects
        self._delay_send = np.zeros((2, BLOCK_FRAMES), dtype=np.float32)
        self._is_silent = False
        self._clear()

    def _clear(self) -> None:
        self._dry: Wave | None = None
        self._reverb_send = np.zeros(BLOCK_FRAMES, dtype=np.float32)
        if self._has_delay:
            self._delay_send.fill(0.0)

    def add(self, sound: Wave, reverb: float, delay: float) -> None:
        """Add a block of a channel. The first one becomes the bus's own."""
        if self._dry is None:
            self._dry = sound
        else:
            self._dry += sound
        if reverb:
            self._send_to_reverb(sound, reverb)
            self._reverb_blocks = self._reverb.tail_blocks
        if delay:
            self._delay_send += sound * np.float32(delay)
            self._has_delay = True

    def _send_to_reverb(self, sound: Wave, level: float) -> None:
        mono = sound[0] + sound[1]
        mono *= np.float32(0.5 * level)
        self._reverb_send += mono

    def mix_block(self) -> Wave:
        """Return the block of the stem, shape (2, BLOCK_FRAMES), and clear the bus.

        The first block without dry sound, echoes and reverb has the decay of the filters; the next ones are zero.
        """
        was_silent = self._is_silent
        self._is_silent = self._dry is None and not self._has_delay and not self._reverb_blocks
        if was_silent and self._is_silent:
            if self._sweep:
                self._sweep.skip(BLOCK_FRAMES)
            return np.zeros_like(self._delay_send)
        sound = np.zeros_like(self._delay_send) if self._dry is None else self._dry
        if self._has_delay:
            wet = self._delay(self._delay_send)
            sound += wet
            self._send_to_reverb(wet, 0.25)
        if self._reverb_blocks:
            self._reverb_blocks -= 1
            sound += self._reverb(self._reverb_send)
        self._clear()
        sound = self._width(sound)
        for effect in self._effects:
            sound = effect(sound)
        return sound


def _band_sections(band: Band) -> np.ndarray:
    """Return the second-order sections of a band, shape (sections, 6)."""
    match band.kind:
        case "high_shelf":
            return high_shelf(band.hertz, band.amount)
        case "low_shelf":
            return low_shelf(band.hertz, band.amount)
        case "bell":
            return bell(band.hertz, band.amount)
        case "low_pass":
            return cut(band.hertz, "lowpass", int(band.amount))
        case _:
            return cut(band.hertz, "highpass", int(band.amount))


class Mixdown:
    """Files of the stems and the mix, their peaks, and the level blocks for mastering."""

    def __init__(self, folder: Path, stems: Sequence[str], frames: int) -> None:
        self.frames = frames
        self.paths: Mapping[str, Path] = {name: folder / f"{name}.f32" for name in (*stems, "mix")}
        self.peaks = dict.fromkeys(self.paths, 0.0)
        self._meter = LoudnessMeter()
        self._true_peaks: list[Reals] = []

    def write(self, sounds: Mapping[str, Wave], mix: Wave) -> None:
        """Append a block of every stem and the mix, each of shape (2, frames)."""
        for name, sound in (*sounds.items(), ("mix", mix)):
            self.peaks[name] = max(self.peaks[name], float(sound.max(initial=0.0)), -float(sound.min(initial=0.0)))
            with self.paths[name].open("ab") as file:
                file.write(interleaved(sound).data)
        self._meter.add(mix)
        self._true_peaks.append(true_peaks(mix))

    @property
    def powers(self) -> Reals:
        """The K-weighted power of each level block of the mix."""
        return self._meter.powers

    @property
    def true_peaks(self) -> Reals:
        """The true peak of each level block of the mix."""
        return np.concatenate(self._true_peaks)


def mix(
    channels: Sequence[Channel],
    character: MixCharacter,
    settings: MixSettings,
    frames: int,
    folder: Path,
    beat_seconds: float,
    report_progress: Callable[[float], None],
    *,
    has_ending: bool,
) -> Mixdown:
    """Mix all channels into ``folder`` and call ``report_progress`` several times a second with the share done.

    Without ``has_ending`` the mix keeps its full level to the end.
    """
    names = [stem for stem in STEM_ORDER if any(channel.part.stem == stem for channel in channels)]
    buses: dict[str, _StemBus] = {}
    responses: dict[float | None, Spectrum] = {}
    for name in names:
        report_progress(0.0)
        seconds = settings.drum_reverb_seconds if name == "drums" else None
        if seconds not in responses:
            responses[seconds] = Reverb.partition(character.response(seconds))
        sweep = character.automation.filter_of(name)
        buses[name] = _StemBus(Reverb(responses[seconds], BLOCK_FRAMES), character, settings, beat_seconds, sweep)
    result = Mixdown(folder, names, frames)
    compressor = BusCompressor(min(MAX_COMPRESSION, character.style.bus_compression * settings.compression))
    count = -(-frames // BLOCK_FRAMES)
    steps, done = count * (len(channels) + len(names)), itertools.count(1)
    for number in range(count):
        for channel in channels:
            part = channel.part
            sound = channel.render_block(number)
            if sound is not None:
                buses[part.stem].add(sound, part.reverb, part.delay)
            report_progress(next(done) / steps)
        sounds: dict[str, Wave] = {}
        for name, bus in buses.items():
            sounds[name] = bus.mix_block()
            report_progress(next(done) / steps)
        total = _sum(sounds.values())
        gain = compressor.gain(total)
        gain *= _ending_gain(number * BLOCK_FRAMES, frames, has_ending=has_ending)
        for sound in (*sounds.values(), total):
            np.multiply(sound, gain, out=sound)
        length = min(BLOCK_FRAMES, frames - number * BLOCK_FRAMES)
        result.write({name: sound[:, :length] for name, sound in sounds.items()}, total[:, :length])
    return result


def _sum(sounds: Iterable[Wave]) -> Wave:
    first, *others = sounds
    total = first.copy()
    for sound in others:
        total += sound
    return total


def _ending_gain(start: int, frames: int, *, has_ending: bool) -> Mono:
    """Return the gain for the block at ``start``: a final fade to -66 dB, followed by a short silence.

    Without ``has_ending`` only the first and last milliseconds are faded, so that they do not click.
    """
    seconds = min(3.0, 0.3 * frames / SAMPLE_RATE + 0.15)
    last = frames - FINAL_SILENCE_SECONDS * SAMPLE_RATE
    fade_start = last - seconds * SAMPLE_RATE
    if start >= 64 and start + BLOCK_FRAMES < min(fade_start, frames - 0.01 * SAMPLE_RATE):
        return np.ones(BLOCK_FRAMES, dtype=np.float32)
    axis = start + np.arange(BLOCK_FRAMES)
    progress = np.clip((axis - fade_start) / (seconds * SAMPLE_RATE), 0.0, 1.0)
    fade = np.cos(np.pi / 2 * progress) ** 1.6 * (1 - 5e-4) + 5e-4
    end = np.clip((frames - axis) / (0.01 * SAMPLE_RATE), 0.0, 1.0)
    begin = np.clip((axis + 1) / 64.0, 0.0, 1.0)
    return np.asarray((fade if has_ending else 1.0) * end * begin, dtype=np.float32)
