"""Mixer channels: the cached tones of one part on a timeline, with its effects and fader."""

from bisect import bisect_left
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio import random_streams
from engines.studio.dsp.arrays import Mono, Wave
from engines.studio.dsp.loudness import LEVEL_FRAMES, LoudnessMeter, integrated_loudness
from engines.studio.effects.base_effects import Playhead, as_stereo
from engines.studio.effects.chains import build_chain
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.oscillators import decay, to_frames
from engines.studio.mixing.performance import NoteEvent
from engines.studio.mixing.slurs import SlurEvent, with_slurs
from engines.studio.model.style import Part
from engines.studio.sampling.sampler import Sampler

VELOCITY_LAYERS: Final = 6
"""Number of velocity layers; each has its own timbre."""
TONE_SECONDS: Final = tuple(round(0.35 * 2 ** (step / 4), 2) for step in range(18))
"""Lengths of cached tones, 0.35 to 6.66 s; a tone is rounded up to the next."""
OVERLAP_SECONDS: Final = 1.2
"""Overlap of the crossfaded tones of a long note, and the time that a tone keeps for its release."""
LEVEL_CHECK_SECONDS: Final = 6.0
HEADROOM_LU: Final = -6.0
"""Offset of all parts, so that no stem reaches full scale before mastering."""
CACHE_BYTES: Final = 120_000_000
GROWTH_FRAMES: Final = 1 << 16
"""Frames by which a sound grows beyond the tone that it must hold, so that the next tones need no copy."""


class ToneKey(NamedTuple):
    """A tone: the key of its instrument, its velocity layer (1 to VELOCITY_LAYERS) and its round-robin take."""

    instrument: str
    pitch: int
    layer: int
    seconds: float
    take: int


class ToneCache:
    """An LRU cache of synthesized tones, limited to CACHE_BYTES.

    A tone is kept until it has been used as often as it was announced: most are used once or twice, and the next ones
    take their memory. ``heartbeat`` is called before each synthesis. ``seed`` varies the phases, so that two segments
    of a session do not contain identical tones. A ``sampler`` plays the instruments that it has.
    """

    def __init__(self, heartbeat: Callable[[], None], seed: int, sampler: Sampler | None = None) -> None:
        self._heartbeat, self._seed, self._sampler = heartbeat, seed, sampler
        self._tones: OrderedDict[ToneKey, Wave] = OrderedDict()
        self._announced: Counter[ToneKey] = Counter()
        self._free_bytes = CACHE_BYTES

    def announce(self, key: ToneKey) -> None:
        """Announce one use of a tone."""
        self._announced[key] += 1

    def get(self, instrument: Instrument, key: ToneKey) -> Wave:
        """Return a tone of an instrument, shape (1 or 2, frames)."""
        tone = self._tones.pop(key, None)
        if tone is None:
            tone = self._synthesize(instrument, key)
        else:
            self._free_bytes += tone.nbytes
        self._announced[key] -= 1
        if self._announced[key] > 0:
            self._keep(key, tone)
        return tone

    def _synthesize(self, instrument: Instrument, key: ToneKey) -> Wave:
        self._heartbeat()
        velocity = key.layer / VELOCITY_LAYERS
        if self._sampler and self.is_sampled(instrument):
            return self._sampler.tone(instrument, key.pitch, velocity, key.seconds)
        rng = random_streams.stream(self._seed, *key[:3], round(key.seconds * 1000), key.take)
        return np.ascontiguousarray(instrument.tone(key.pitch, velocity, key.seconds, rng), dtype=np.float32)

    def _keep(self, key: ToneKey, tone: Wave) -> None:
        self._tones[key] = tone
        self._free_bytes -= tone.nbytes
        while self._free_bytes < 0 and len(self._tones) > 1:
            self._free_bytes += self._tones.popitem(last=False)[1].nbytes

    def is_sampled(self, instrument: Instrument) -> bool:
        return self._sampler is not None and self._sampler.plays(instrument)

    def stream(self, instrument: Instrument, *purpose: str | int) -> np.random.Generator:
        """Return the random numbers for a purpose of an instrument."""
        return random_streams.stream(self._seed, instrument.key, *purpose)

    def slur(self, instrument: Instrument, event: SlurEvent, seconds: float) -> Wave:
        """Synthesize a slur, shape (1 or 2, frames). It is not cached, because no two are equal."""
        assert instrument.slur is not None  # noqa: S101  with_slurs checks it
        self._heartbeat()
        rng = self.stream(instrument, "slur", round(1000 * event.start))
        return np.asarray(instrument.slur(event.slurred_notes(), seconds, rng), dtype=np.float32)


class Channel:
    """The audio of one part in blocks of equal size, after its effects and fader, before its sends."""

    def __init__(
        self,
        part: Part,
        events: Sequence[NoteEvent],
        tones: ToneCache,
        block_frames: int,
        kicks: Sequence[float],
        beat_seconds: float,
    ) -> None:
        self.part = part
        self.instrument = CATALOGUE[part.instrument]
        fitting: Iterable[NoteEvent] = [self._in_range(event) for event in events]
        if not tones.is_sampled(self.instrument):
            fitting = with_slurs(tuple(fitting), self.instrument, tones.stream(self.instrument, "slurs", part.name))
        split = (tone for event in fitting for tone in self._split_long_note(event))
        self.events = tuple(sorted(split, key=lambda event: (event.start, event.pitch)))
        self._slurs: dict[float, Wave] = {}  # those of the level check, until they are played
        self._starts = [event.start * SAMPLE_RATE for event in self.events]
        self._tone_cache, self._block_frames, self._beat_seconds = tones, block_frames, beat_seconds
        self._lengths = self._tone_lengths()
        self._announce_tones(self.events)
        self._release = decay(to_frames(self.instrument.release), self.instrument.release)
        self._playhead = Playhead()
        self._chain = build_chain(part.effects, self.instrument.low_cut, kicks, beat_seconds, self._playhead)
        self._pending = np.zeros((1, block_frames), dtype=np.float32)  # two channels from the first stereo tone on
        self._sounds_until, self._is_silent = 0, False
        self._fader = _pan_gains(part.pan) * np.float32(self._level_check_gain() * np.sqrt(2.0))

    def _in_range(self, event: NoteEvent) -> NoteEvent:
        # a kit generates the strokes of a replaced drum by its written key
        is_kit = self.instrument.is_kit
        return event if is_kit else replace(event, pitch=self.instrument.sounding_pitch(event.pitch))

    def _split_long_note(self, event: NoteEvent) -> Iterator[NoteEvent]:
        """Split a note that exceeds the longest tone of the instrument into overlapping tones."""
        hold = self.instrument.max_seconds - OVERLAP_SECONDS
        if not self.instrument.is_crossfaded or event.seconds <= hold or isinstance(event, SlurEvent):
            yield event
            return
        start = event.start
        while start < event.end - OVERLAP_SECONDS:
            yield replace(event, start=start, seconds=min(hold, event.end - start))
            start += hold - OVERLAP_SECONDS

    def _tone_lengths(self) -> dict[tuple[int, int], float]:
        lengths: dict[tuple[int, int], float] = {}
        for event in self.events:
            if isinstance(event, SlurEvent):
                continue
            key = (event.pitch, _velocity_layer(event.velocity))
            seconds = min(self.instrument.max_seconds, event.seconds + min(self.instrument.release, 1.0))
            lengths[key] = max(lengths.get(key, 0.0), seconds)
        return {key: self._rounded_length(seconds) for key, seconds in lengths.items()}

    def _rounded_length(self, seconds: float) -> float:
        if self.instrument.is_kit:
            return self.instrument.max_seconds
        rounded = next((length for length in TONE_SECONDS if length >= seconds), self.instrument.max_seconds)
        return min(self.instrument.max_seconds, rounded)

    def _level_check_gain(self) -> float:
        """Return the gain that brings the busiest seconds of the part to its level."""
        start = self._busiest_start()
        events = [event for event in self.events if start <= event.start < start + LEVEL_CHECK_SECONDS]
        self._announce_tones(events)
        sound = np.zeros((1, to_frames(LEVEL_CHECK_SECONDS)), dtype=np.float32)
        for number, event in enumerate(events):
            tone = self._tone(event, number)
            if isinstance(event, SlurEvent):
                self._slurs[event.start] = tone
            sound = _added(sound, tone, to_frames(event.start - start))
        sound = np.ascontiguousarray(sound[:, : to_frames(LEVEL_CHECK_SECONDS)])
        for effect in build_chain(self.part.effects, self.instrument.low_cut, (), self._beat_seconds, Playhead()):
            sound = effect(sound)
        meter = LoudnessMeter()
        meter.add(sound[:, : -(sound.shape[1] % LEVEL_FRAMES) or None])
        return float(10 ** ((self.part.level + HEADROOM_LU - max(-60.0, integrated_loudness(meter.powers))) / 20))

    def _busiest_start(self) -> float:
        starts = np.array([event.start for event in self.events])
        weights = np.array([event.velocity**2 * min(2.0, event.seconds) for event in self.events])
        sums = [float(weights[(starts >= time) & (starts < time + LEVEL_CHECK_SECONDS)].sum()) for time in starts[::4]]
        return float(starts[::4][int(np.argmax(sums))])

    def _tone(self, event: NoteEvent, number: int) -> Wave:
        """Return the tone of an event with its level, pan and release, shape (1 or 2, frames)."""
        if isinstance(event, SlurEvent):
            return self._slur(event)
        key = self._tone_key(event, number)
        tone, seconds = self._tone_cache.get(self.instrument, key), key.seconds
        gain = np.float32(event.velocity**self.instrument.velocity_exponent)
        return self._released(tone, min(event.seconds, seconds), self._key_pan(tone, event.pitch) * gain)

    def _tone_key(self, event: NoteEvent, number: int) -> ToneKey:
        layer = _velocity_layer(event.velocity)
        take = number % self.instrument.round_robin
        return ToneKey(self.instrument.key, event.pitch, layer, self._lengths[event.pitch, layer], take)

    def _announce_tones(self, events: Sequence[NoteEvent]) -> None:
        for number, event in enumerate(events):
            if not isinstance(event, SlurEvent):
                self._tone_cache.announce(self._tone_key(event, number))

    def _slur(self, event: SlurEvent) -> Wave:
        """Return a slur with its levels, pan and release, shape (1 or 2, frames)."""
        if event.start in self._slurs:
            return self._slurs.pop(event.start)
        instrument = self.instrument
        tone = self._tone_cache.slur(instrument, event, event.seconds + min(instrument.release, 1.0))
        seconds = np.arange(tone.shape[1]) / SAMPLE_RATE
        tone = tone * event.gains(seconds, instrument.velocity_exponent).astype(np.float32)
        return self._released(tone, event.seconds, self._key_pan(tone, event.pitch))

    def _released(self, tone: Wave, seconds: float, gains: Wave) -> Wave:
        """Return a tone with the gains of its channels that is released after some seconds."""
        if self.instrument.is_kit:
            return tone * gains
        held = min(to_frames(seconds), max(1, tone.shape[1] - 64))
        result = tone[:, : held + len(self._release)] * gains
        tail = result[:, held:]
        tail *= self._release[: tail.shape[1]]
        fade = _fade_out(min(512, tail.shape[1]))
        tail[:, -len(fade) :] *= fade
        return result

    def _key_pan(self, tone: Wave, pitch: int) -> Wave:
        """Pan the keys of a piano from left to right; the instrument itself is panned after its effects.

        Other tones of one channel keep it, so that two equal ones need not be processed.
        """
        is_panned = self.instrument.key == "piano"
        gains = _pan_gains((pitch - 64) / 130.0 if is_panned else 0.0)
        if len(tone) == 1:
            return gains if is_panned else gains[:1]
        return gains * np.float32(1.2)

    def render_block(self, number: int) -> Wave | None:
        """Render the block of that number, shape (2, block_frames), or None if it is silent.

        Blocks must be rendered in order. The first one without tones has the decay of filters and delays.
        """
        sound, start = self._pending, number * self._block_frames
        first, last = (bisect_left(self._starts, frame) for frame in (start, start + self._block_frames))
        for index in range(first, last):
            tone, place = self._tone(self.events[index], index), int(self._starts[index])
            sound = _added(sound, tone, place - start)
            self._sounds_until = max(self._sounds_until, place + tone.shape[1])
        was_silent, self._is_silent = self._is_silent, self._sounds_until <= start
        if was_silent and self._is_silent:
            return None
        out = np.ascontiguousarray(sound[:, : self._block_frames])
        self._pending = _extended(sound[:, self._block_frames :], self._block_frames)
        self._playhead.frame = start
        for effect in self._chain:
            out = effect(out)
        return np.multiply(out, self._fader, out=out) if len(out) == 2 else out * self._fader


def _extended(sound: Wave, frames: int) -> Wave:
    """Return a copy of a sound with silence up to at least ``frames``."""
    result = np.zeros((len(sound), max(frames, sound.shape[1])), dtype=np.float32)
    result[:, : sound.shape[1]] = sound
    return result


def _added(sound: Wave, tone: Wave, start: int) -> Wave:
    """Add a tone to a sound in place at frame ``start``.

    Return a copy if the tone ends after the sound, which is longer, or has more channels.
    """
    end = start + tone.shape[1]
    sound = sound if len(sound) >= len(tone) else as_stereo(sound)
    sound = _extended(sound, end + GROWTH_FRAMES) if end > sound.shape[1] else sound
    sound[:, start:end] += tone
    return sound


@cache
def _fade_out(frames: int) -> Mono:
    return np.linspace(1.0, 0.0, frames, dtype=np.float32)


def _pan_gains(pan: float) -> Wave:
    angle = np.pi / 4 * (1.0 + max(-1.0, min(1.0, pan)))
    return np.array([[np.cos(angle)], [np.sin(angle)]], dtype=np.float32)


def _velocity_layer(velocity: float) -> int:
    return max(1, min(VELOCITY_LAYERS, round(velocity * VELOCITY_LAYERS)))
