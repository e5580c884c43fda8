"""A channel of the desk: the tones of one part, made once each, laid on a timeline and treated."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio import random_streams
from engines.studio.dsp.arrays import Wave
from engines.studio.dsp.loudness import LoudnessMeter, integrated_loudness
from engines.studio.effects.base_effects import Effect
from engines.studio.effects.chains import build_chain
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.oscillators import decay, to_frames
from engines.studio.mixing.performance import NoteEvent
from engines.studio.model.style import Part

VELOCITY_LAYERS: Final = 6
"""Velocities of which a tone has its own timbre."""
TONE_SECONDS: Final = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6)
OVERLAP_SECONDS: Final = 1.2
"""Seconds that two bows or breaths of one long note overlap, and a tone keeps for letting go."""
SOUND_CHECK_SECONDS: Final = 6.0
HEADROOM_LU: Final = -6.0
"""LU by which every part stays under its level, so that no stem reaches full scale before the master."""
CACHE_BYTES: Final = 120_000_000

ToneKey = tuple[str, int, int, int, int]


class ToneCache:
    """Tones that were made, each once while memory lasts; the least recently used go first.

    ``heartbeat`` is called before each is made, so that a slow one does not leave the monitor waiting. With another
    ``seed`` they have other phases: two recordings of one note, not the same one twice.
    """

    def __init__(self, heartbeat: Callable[[], None], max_bytes: int = CACHE_BYTES, seed: int = 0) -> None:
        self._heartbeat, self._seed = heartbeat, seed
        self._tones: OrderedDict[ToneKey, Wave] = OrderedDict()
        self._free_bytes = max_bytes

    def get(self, instrument: Instrument, pitch: int, layer: int, seconds: float, take: int) -> Wave:
        """A tone, shape (1 or 2, frames), of a velocity level (1 to LEVELS) and take."""
        key = (instrument.key, pitch, layer, round(seconds * 1000), take)
        if key in self._tones:
            self._tones.move_to_end(key)
            return self._tones[key]
        self._heartbeat()
        rng = random_streams.stream(self._seed, *key)
        tone = np.ascontiguousarray(instrument.tone(pitch, layer / VELOCITY_LAYERS, seconds, rng), dtype=np.float32)
        self._store(key, tone)
        return tone

    def _store(self, key: ToneKey, tone: Wave) -> None:
        self._tones[key] = tone
        self._free_bytes -= tone.nbytes
        while self._free_bytes < 0 and len(self._tones) > 1:
            self._free_bytes += self._tones.popitem(last=False)[1].nbytes


class Channel:
    """One part's sound in equal blocks from the start, after its effects and fader, before its sends."""

    def __init__(
        self, part: Part, events: Sequence[NoteEvent], tones: ToneCache, size: int, kicks: Sequence[float], beat: float
    ) -> None:
        self.part = part
        self.instrument = CATALOGUE[part.instrument]
        fitting = (piece for event in events for piece in self._split_long_note(self._in_range(event)))
        self.events = tuple(sorted(fitting, key=lambda event: (event.start, event.pitch)))
        self._tone_cache, self._size, self._kicks, self._beat = tones, size, kicks, beat
        self._lengths = self._tone_lengths()
        self._chain = self._create_chain()
        self._pending = np.zeros((2, size), dtype=np.float32)
        self._next_event = 0
        self._is_silent = False
        self._fader = _pan_gains(part.pan) * np.float32(self._sound_check_gain() * np.sqrt(2.0))

    def _in_range(self, event: NoteEvent) -> NoteEvent:
        pitch = event.pitch
        if not self.instrument.is_kit:
            while pitch > self.instrument.highest_pitch:
                pitch -= 12
            while pitch < self.instrument.lowest_pitch:
                pitch += 12
        return NoteEvent(event.start, event.seconds, pitch, event.velocity)

    def _split_long_note(self, event: NoteEvent) -> Iterator[NoteEvent]:
        """A note that outlasts a bow or a breath: the next one sets in while the last still sounds."""
        hold = self.instrument.max_seconds - OVERLAP_SECONDS
        if not self.instrument.is_crossfaded or event.seconds <= hold:
            yield event
            return
        start = event.start
        while start < event.end - OVERLAP_SECONDS:
            yield NoteEvent(start, min(hold, event.end - start), event.pitch, event.velocity)
            start += hold - OVERLAP_SECONDS

    def _create_chain(self) -> tuple[Effect, ...]:
        return build_chain(self.part.effects, self.instrument.low_cut, self._kicks, self._beat)

    def _tone_lengths(self) -> dict[tuple[int, int], float]:
        lengths: dict[tuple[int, int], float] = {}
        for event in self.events:
            key = (event.pitch, _velocity_layer(event.velocity))
            wanted = min(self.instrument.max_seconds, event.seconds + min(self.instrument.release, 1.0))
            lengths[key] = max(lengths.get(key, 0.0), wanted)
        return {key: self._rounded_length(wanted) for key, wanted in lengths.items()}

    def _rounded_length(self, wanted: float) -> float:
        if self.instrument.is_kit:
            return self.instrument.max_seconds
        return min(
            self.instrument.max_seconds,
            next((one for one in TONE_SECONDS if one >= wanted), self.instrument.max_seconds),
        )

    def _sound_check_gain(self) -> float:
        """The fader after a sound check: the busiest seconds, at the loudness that the part is due."""
        if not self.events:
            return 1.0
        start = self._busiest_start()
        events = [event for event in self.events if start <= event.start < start + SOUND_CHECK_SECONDS]
        sound = np.zeros((2, to_frames(SOUND_CHECK_SECONDS)), dtype=np.float32)
        for turn, event in enumerate(events):
            self._add_tone(sound, event, to_frames(event.start - start), turn)
        for effect in build_chain(self.part.effects, self.instrument.low_cut, (), self._beat):
            sound = effect(sound)
        meter = LoudnessMeter()
        meter.add(sound[:, : -(sound.shape[1] % 32) or None])
        return float(10 ** ((self.part.level + HEADROOM_LU - max(-60.0, integrated_loudness(meter.powers))) / 20))

    def _busiest_start(self) -> float:
        starts = np.array([event.start for event in self.events])
        weights = np.array([event.velocity**2 * min(2.0, event.seconds) for event in self.events])
        heard = [float(weights[(starts >= one) & (starts < one + SOUND_CHECK_SECONDS)].sum()) for one in starts[::4]]
        return float(starts[::4][int(np.argmax(heard))])

    def _add_tone(self, sound: Wave, event: NoteEvent, at: int, turn: int) -> Wave | None:
        """Adds a tone to ``sound`` from frame ``at``; gives what reaches beyond its end, if anything."""
        level = _velocity_layer(event.velocity)
        seconds = self._lengths[event.pitch, level]
        tone = self._tone_cache.get(self.instrument, event.pitch, level, seconds, turn % self.instrument.round_robin)
        loud = np.float32(event.velocity**self.instrument.velocity_exponent)
        shaped = self._with_release(tone, min(event.seconds, seconds)) * (self._key_pan(tone, event.pitch) * loud)
        room = sound.shape[1] - at
        sound[:, at : at + shaped.shape[1]] += shaped[:, :room]
        return shaped[:, room:] if shaped.shape[1] > room else None

    def _with_release(self, tone: Wave, seconds: float) -> Wave:
        if self.instrument.is_kit:
            return tone
        release = to_frames(self.instrument.release)
        held = min(to_frames(seconds), max(1, tone.shape[1] - 64))
        cut = tone[:, : held + release].copy()
        tail = cut[:, held:]
        tail *= decay(tail.shape[1], self.instrument.release)
        ease = min(512, tail.shape[1])
        tail[:, -ease:] *= np.linspace(1.0, 0.0, ease, dtype=np.float32)
        return cut

    def _key_pan(self, tone: Wave, pitch: int) -> Wave:
        """Where a key stands on the instrument; where the instrument stands is set after its effects."""
        sides = _pan_gains((pitch - 64) / 130.0 if self.instrument.key == "piano" else 0.0)
        return sides if len(tone) == 1 else sides * np.float32(1.2)

    def _events_before(self, end: int) -> Iterator[tuple[int, NoteEvent]]:
        while self._next_event < len(self.events) and self.events[self._next_event].start * SAMPLE_RATE < end:
            yield self._next_event, self.events[self._next_event]
            self._next_event += 1

    def block(self, number: int) -> Wave:
        """The block of that number (they must be asked for in order), shape (2, size)."""
        sound, start = self._pending, number * self._size
        rest: list[Wave] = []
        for turn, event in self._events_before(start + self._size):
            beyond = self._add_tone(sound, event, int(event.start * SAMPLE_RATE) - start, turn)
            if beyond is not None:
                rest.append(beyond)
        self._carry_over(sound, rest)
        out = sound[:, : self._size]
        silent = not out.any()
        if silent and self._is_silent:
            return out
        self._is_silent = silent
        for effect in self._chain:
            out = effect(out)
        return out * self._fader

    def _carry_over(self, sound: Wave, rest: list[Wave]) -> None:
        length = max([self._size, sound.shape[1] - self._size, *(one.shape[1] for one in rest)])
        self._pending = np.zeros((2, length), dtype=np.float32)
        left = sound[:, self._size :]
        self._pending[:, : left.shape[1]] += left
        for one in rest:
            self._pending[:, : one.shape[1]] += one


def _pan_gains(place: float) -> Wave:
    angle = np.pi / 4 * (1.0 + max(-1.0, min(1.0, place)))
    return np.array([[np.cos(angle)], [np.sin(angle)]], dtype=np.float32)


def _velocity_layer(velocity: float) -> int:
    return max(1, min(VELOCITY_LAYERS, round(velocity * VELOCITY_LAYERS)))
