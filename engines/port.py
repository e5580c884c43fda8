"""The engine port: a render request in, a render result with master, stems, score and report out.

Engines are synchronous and CPU-bound and run only in worker processes. The same engine version, request and seed give
the same samples in every process.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from core.licence import Licence
from core.track_metadata import SourceType
from engines.capabilities import Capabilities, FieldSupport
from engines.focus_port import Segment
from engines.source_port import SourceAudio

SAMPLE_RATE: Final = 44_100

Samples = NDArray[np.float32]
"""Stereo audio, shape (frames, 2), 32-bit float; full scale is ±1.0."""


class RenderCancelledError(Exception):
    """The progress monitor cancelled the render."""


class Stage(StrEnum):
    """The current step of a render, for progress displays."""

    COMPOSING = "composing"
    RENDERING = "rendering"
    MIXING = "mixing"
    MASTERING = "mastering"


class ProgressMonitor(Protocol):
    """Receives progress from a running engine and cancels it. Calls are cheap and come from one thread only."""

    def report(self, stage: str, fraction: float) -> None:
        """Record that ``fraction`` (0.0 to 1.0, never falling) of the render is done. Called at least every 0.5 s.

        Raises RenderCancelledError if the render is cancelled; engines must not catch it.
        """


@dataclass(frozen=True, slots=True)
class ControlRanges:
    """The explicit properties that an engine can meet: tempos in BPM, names of modes, and metres such as "6/8"."""

    min_tempo_bpm: float
    max_tempo_bpm: float
    modes: tuple[str, ...]
    metres: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """The properties of an engine. ``version`` changes whenever the samples of any request change.

    ``supports_score`` is whether its tracks have a score; a track of another engine has neither MIDI nor chords. The
    maximum of the field ``duration_seconds`` in ``capabilities`` is always ``max_duration_seconds``.
    """

    key: str
    name: str
    description: str
    version: str
    max_duration_seconds: int
    supports_vocals: bool
    supports_lyrics: bool
    supports_stems: bool
    supports_focus: bool
    supported_languages: tuple[str, ...]
    licence: Licence
    source_type: SourceType
    capabilities: Capabilities
    supports_score: bool = False

    def __post_init__(self) -> None:
        """Set the maximum of the field ``duration_seconds``. Raises ValueError if the capabilities contradict it."""
        length = replace(self.capabilities.duration_seconds, maximum=self.max_duration_seconds)
        object.__setattr__(self, "capabilities", replace(self.capabilities, duration_seconds=length))
        if self.supports_lyrics and not self.capabilities.lyrics.is_accepted:
            raise ValueError(f"The engine {self.key} sings lyrics that its capabilities refuse.")

    @property
    def controls(self) -> ControlRanges | None:
        """The ranges of tempo, key and metre, or None if the engine does not accept all three."""
        tempo, key, metre = self.capabilities.tempo_bpm, self.capabilities.key, self.capabilities.metre
        if tempo.minimum is None or tempo.maximum is None or not (key.is_accepted and metre.is_accepted):
            return None
        return ControlRanges(tempo.minimum, tempo.maximum, key.values, metre.values)


@dataclass(frozen=True, slots=True)
class Continuation:
    """JSON data about a track from which its engine can render a continuation.

    The data is opaque to all other code. An engine ignores data that it cannot read.
    """

    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Controls:
    """Explicit musical properties; they take precedence over the prompt. None and empty values are left to the prompt.

    ``lyrics_language`` is the BCP 47 tag of the language of the lyrics. ``tempo_bpm`` counts felt beats; ``key`` is a
    name such as "F# minor", ``metre`` one such as "6/8".
    ``negative_prompt`` lists what to avoid. ``include``, ``exclude`` and ``only`` are names of instruments in any
    language of the prompt. ``structure`` are names of sections in order. ``intensity``, ``density`` and ``brightness``
    range from 0 to 1; 0.5 is the style's own value.
    """

    lyrics_language: str | None = None
    tempo_bpm: float | None = None
    key: str | None = None
    metre: str | None = None
    negative_prompt: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    structure: tuple[str, ...] = ()
    intensity: float | None = None
    density: float | None = None
    brightness: float | None = None


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """A request to render music. ``duration_seconds`` is met within ±0.05 s; ``seed`` is an unsigned 32-bit integer.

    With ``loop`` the last sample leads seamlessly into the first. With ``continue_from`` the music keeps the
    instruments, tempo, key and motifs of that track. With ``segment`` it is a segment of a focus session. With
    ``source`` it is made from audio, and lasts as long.
    """

    prompt: str
    duration_seconds: float
    seed: int
    style_tags: tuple[str, ...] = ()
    instrumental: bool = True
    lyrics: str | None = None
    title: str | None = None
    loop: bool = False
    continue_from: Continuation | None = None
    segment: Segment | None = None
    controls: Controls = field(default_factory=Controls)
    source: SourceAudio | None = None


class Audio(Protocol):
    """Stereo audio at SAMPLE_RATE, read in blocks to keep memory use low."""

    @property
    def frames(self) -> int:
        """The length in samples per channel."""

    def blocks(self, size: int = 65_536) -> Iterator[Samples]:
        """Yield blocks of shape (size, 2) from the start; the last may be shorter."""


@dataclass(frozen=True, slots=True)
class SpooledAudio:
    """Audio in a file of raw interleaved little-endian 32-bit floats in the render's workspace."""

    path: Path
    frames: int

    def blocks(self, size: int = 65_536) -> Iterator[Samples]:
        with self.path.open("rb") as file:
            while raw := file.read(size * 8):
                yield np.frombuffer(raw, dtype="<f4").reshape(-1, 2)


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord with its symbol as on a lead sheet ("Am7", "F/C")."""

    start_ms: int
    end_ms: int
    symbol: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form ("intro", "verse", "chorus", "bridge", "outro")."""

    start_ms: int
    end_ms: int
    name: str


@dataclass(frozen=True, slots=True)
class Score:
    """The written music: a Standard MIDI File (format 1), chords, sections and, if supported, compressed MusicXML.

    ``midi`` is empty if the engine writes no music.
    """

    midi: bytes
    chords: tuple[Chord, ...]
    sections: tuple[Section, ...]
    musicxml: bytes | None = None


@dataclass(frozen=True, slots=True)
class Approximation:
    """A requested phrase that was replaced by something similar: ``asked`` as written, ``given`` the replacement."""

    asked: str
    given: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Properties of the rendered music: ``key`` as "A minor", ``metre`` as "4/4", loudness per ITU-R BS.1770-4."""

    tempo_bpm: float
    key: str
    metre: str
    loudness_lufs: float
    true_peak_dbtp: float
    style: str


Value = float | str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A property as requested (None if it was not), as composed, and as measured in the audio."""

    requested: Value
    delivered: Value
    measured: Value


@dataclass(frozen=True, slots=True)
class InstrumentUse:
    """An audible instrument: its stem, its first note, and the ``share`` of the track (0 to 1) in which it plays."""

    name: str
    stem: str
    starts_at: int
    share: float


@dataclass(frozen=True, slots=True)
class Report:
    """How closely the music matches the request. ``notes`` are sentences for the user.

    ``instruments`` are those that are audible, with ``starts_at`` in milliseconds, in the order of their first notes.
    ``field_support`` is what the engine did with each field of the request; it is added when the track is stored.
    """

    tempo_bpm: Comparison
    key: Comparison
    duration_seconds: Comparison
    loudness_lufs: Comparison
    metre: Comparison
    words_used: tuple[str, ...] = ()
    words_approximated: tuple[Approximation, ...] = ()
    words_ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    instruments: tuple[InstrumentUse, ...] = ()
    field_support: tuple[FieldSupport, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the report as JSON-compatible values."""
        plain = asdict(self)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}


@dataclass(frozen=True, slots=True)
class RenderResult:
    """The result of one render. ``stems`` by name ("drums", "bass", …), each as long as the master.

    ``palette`` holds four to six colours ("#1d3557") for the cover, from darkest to brightest.
    """

    title: str
    master: Audio
    stems: Mapping[str, Audio]
    score: Score
    facts: Facts
    extras: Mapping[str, object] = field(default_factory=dict)
    report: Report | None = None
    continuation: Continuation | None = None
    palette: tuple[str, ...] = ()


class Engine(Protocol):
    """A music engine."""

    @property
    def info(self) -> EngineInfo:
        """The engine's capabilities."""

    def render(self, request: RenderRequest, workspace: Path, monitor: ProgressMonitor) -> RenderResult:
        """Render a request. ``workspace`` is an empty folder that must outlive the use of the result.

        Raises RenderCancelledError if the monitor raises it, and nothing else for requests within the limits of
        ``info``.
        """
