"""A channel of the desk: the tones of one part, made once each, laid on a timeline and treated."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from engines.port import SAMPLE_RATE
from engines.studio import random_streams
from engines.studio.dsp.arrays import Wave
from engines.studio.dsp.loudness import Meter, integrated
from engines.studio.effects.base_effects import Effect
from engines.studio.effects.chains import chain
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.instrument import Instrument
from engines.studio.instruments.oscillators import decay, frames_of
from engines.studio.mixing.performance import Event
from engines.studio.model.style import Part

LEVELS: Final = 6
"""Velocities of which a tone has its own timbre."""
LENGTHS: Final = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6)
RELAY: Final = 1.2
"""Seconds that two bows or breaths of one long note overlap, and a tone keeps for letting go."""
CHECK_SECONDS: Final = 6.0
HEADROOM: Final = -6.0
"""LU by which every part stays under its level, so that no stem reaches full scale before the master."""
CACHE_BYTES: Final = 120_000_000

ToneKey = tuple[str, int, int, int, int]


class ToneCache:
    """Tones that were made, each once while memory lasts; the least recently used go first.

    ``heartbeat`` is called before each is made, so that a slow one does not leave the monitor waiting. With another
    ``seed`` they have other phases: two recordings of one note, not the same one twice.
    """

    def __init__(self, heartbeat: Callable[[], None], size: int = CACHE_BYTES, seed: int = 0) -> None:
        self._heartbeat, self._seed = heartbeat, seed
        self._kept: OrderedDict[ToneKey, Wave] = OrderedDict()
        self._room = size

    def get(self, instrument: Instrument, pitch: int, level: int, seconds: float, take: int) -> Wave:
        """A tone, shape (1 or 2, frames), of a velocity level (1 to LEVELS) and take."""
        key = (instrument.key, pitch, level, round(seconds * 1000), take)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        self._heartbeat()
        rng = random_streams.stream(self._seed, *key)
        tone = np.ascontiguousarray(instrument.tone(pitch, level / LEVELS, seconds, rng), dtype=np.float32)
        self._keep(key, tone)
        return tone

    def _keep(self, key: ToneKey, tone: Wave) -> None:
        self._kept[key] = tone
        self._room -= tone.nbytes
        while self._room < 0 and len(self._kept) > 1:
            self._room += self._kept.popitem(last=False)[1].nbytes


class Channel:
    """One part's sound in equal blocks from the start, after its effects and fader, before its sends."""

    def __init__(
        self, part: Part, events: Sequence[Event], tones: ToneCache, size: int, kicks: Sequence[float], beat: float
    ) -> None:
        self.part = part
        self.instrument = CATALOGUE[part.instrument]
        fitting = (piece for event in events for piece in self._renewed(self._in_range(event)))
        self.events = tuple(sorted(fitting, key=lambda event: (event.start, event.pitch)))
        self._tones, self._size, self._kicks, self._beat = tones, size, kicks, beat
        self._lengths = self._longest()
        self._chain = self._fresh_chain()
        self._ahead = np.zeros((2, size), dtype=np.float32)
        self._next = 0
        self._rests = False
        self._fader = _sides(part.pan) * np.float32(self._checked_gain() * np.sqrt(2.0))

    def _in_range(self, event: Event) -> Event:
        pitch = event.pitch
        if not self.instrument.is_kit:
            while pitch > self.instrument.highest:
                pitch -= 12
            while pitch < self.instrument.lowest:
                pitch += 12
        return Event(event.start, event.seconds, pitch, event.velocity)

    def _renewed(self, event: Event) -> Iterator[Event]:
        """A note that outlasts a bow or a breath: the next one sets in while the last still sounds."""
        hold = self.instrument.longest - RELAY
        if not self.instrument.renews or event.seconds <= hold:
            yield event
            return
        start = event.start
        while start < event.end - RELAY:
            yield Event(start, min(hold, event.end - start), event.pitch, event.velocity)
            start += hold - RELAY

    def _fresh_chain(self) -> tuple[Effect, ...]:
        return chain(self.part.effects, self.instrument.cut, self._kicks, self._beat)

    def _longest(self) -> dict[tuple[int, int], float]:
        lengths: dict[tuple[int, int], float] = {}
        for event in self.events:
            key = (event.pitch, _level(event.velocity))
            wanted = min(self.instrument.longest, event.seconds + min(self.instrument.release, 1.0))
            lengths[key] = max(lengths.get(key, 0.0), wanted)
        return {key: self._class(wanted) for key, wanted in lengths.items()}

    def _class(self, wanted: float) -> float:
        if self.instrument.is_kit:
            return self.instrument.longest
        return min(self.instrument.longest, next((one for one in LENGTHS if one >= wanted), self.instrument.longest))

    def _checked_gain(self) -> float:
        """The fader after a sound check: the busiest seconds, at the loudness that the part is due."""
        if not self.events:
            return 1.0
        start = self._busiest()
        events = [event for event in self.events if start <= event.start < start + CHECK_SECONDS]
        sound = np.zeros((2, frames_of(CHECK_SECONDS)), dtype=np.float32)
        for turn, event in enumerate(events):
            self._lay(sound, event, frames_of(event.start - start), turn)
        for effect in chain(self.part.effects, self.instrument.cut, (), self._beat):
            sound = effect(sound)
        meter = Meter()
        meter.feed(sound[:, : -(sound.shape[1] % 32) or None])
        return float(10 ** ((self.part.level + HEADROOM - max(-60.0, integrated(meter.grains))) / 20))

    def _busiest(self) -> float:
        starts = np.array([event.start for event in self.events])
        weights = np.array([event.velocity**2 * min(2.0, event.seconds) for event in self.events])
        heard = [float(weights[(starts >= one) & (starts < one + CHECK_SECONDS)].sum()) for one in starts[::4]]
        return float(starts[::4][int(np.argmax(heard))])

    def _lay(self, sound: Wave, event: Event, at: int, turn: int) -> Wave | None:
        """Adds a tone to ``sound`` from frame ``at``; gives what reaches beyond its end, if anything."""
        level = _level(event.velocity)
        seconds = self._lengths[event.pitch, level]
        tone = self._tones.get(self.instrument, event.pitch, level, seconds, turn % self.instrument.takes)
        loud = np.float32(event.velocity**self.instrument.dynamics)
        shaped = self._released(tone, min(event.seconds, seconds)) * (self._pan(tone, event.pitch) * loud)
        room = sound.shape[1] - at
        sound[:, at : at + shaped.shape[1]] += shaped[:, :room]
        return shaped[:, room:] if shaped.shape[1] > room else None

    def _released(self, tone: Wave, seconds: float) -> Wave:
        if self.instrument.is_kit:
            return tone
        release = frames_of(self.instrument.release)
        held = min(frames_of(seconds), max(1, tone.shape[1] - 64))
        cut = tone[:, : held + release].copy()
        tail = cut[:, held:]
        tail *= decay(tail.shape[1], self.instrument.release)
        ease = min(512, tail.shape[1])
        tail[:, -ease:] *= np.linspace(1.0, 0.0, ease, dtype=np.float32)
        return cut

    def _pan(self, tone: Wave, pitch: int) -> Wave:
        """Where a key stands on the instrument; where the instrument stands is set after its effects."""
        sides = _sides((pitch - 64) / 130.0 if self.instrument.key == "piano" else 0.0)
        return sides if len(tone) == 1 else sides * np.float32(1.2)

    def _due(self, end: int) -> Iterator[tuple[int, Event]]:
        while self._next < len(self.events) and self.events[self._next].start * SAMPLE_RATE < end:
            yield self._next, self.events[self._next]
            self._next += 1

    def block(self, number: int) -> Wave:
        """The block of that number (they must be asked for in order), shape (2, size)."""
        sound, start = self._ahead, number * self._size
        rest: list[Wave] = []
        for turn, event in self._due(start + self._size):
            beyond = self._lay(sound, event, int(event.start * SAMPLE_RATE) - start, turn)
            if beyond is not None:
                rest.append(beyond)
        self._carry(sound, rest)
        out = sound[:, : self._size]
        silent = not out.any()
        if silent and self._rests:
            return out
        self._rests = silent
        for effect in self._chain:
            out = effect(out)
        return out * self._fader

    def _carry(self, sound: Wave, rest: list[Wave]) -> None:
        length = max([self._size, sound.shape[1] - self._size, *(one.shape[1] for one in rest)])
        self._ahead = np.zeros((2, length), dtype=np.float32)
        left = sound[:, self._size :]
        self._ahead[:, : left.shape[1]] += left
        for one in rest:
            self._ahead[:, : one.shape[1]] += one


def _sides(place: float) -> Wave:
    angle = np.pi / 4 * (1.0 + max(-1.0, min(1.0, place)))
    return np.array([[np.cos(angle)], [np.sin(angle)]], dtype=np.float32)


def _level(velocity: float) -> int:
    return max(1, min(LEVELS, round(velocity * LEVELS)))
