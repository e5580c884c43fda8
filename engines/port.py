"""The Engine port: a request goes in; a master, stems, a score and facts come out.

An engine is synchronous and CPU-bound and runs in a worker process only. The same engine version, request and seed
give the same samples in any process.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from core.licence import Licence
from core.track_metadata import SourceType
from engines.focus_port import Segment

SAMPLE_RATE: Final = 44_100

Samples = NDArray[np.float32]
"""Stereo audio, shape (frames, 2), 32-bit float; full scale is ±1.0."""


class RenderCancelledError(Exception):
    """The rendering was stopped because its monitor asked for it."""


class Stage(StrEnum):
    """What an engine is doing, for the progress line."""

    COMPOSING = "composing"
    RENDERING = "rendering"
    MIXING = "mixing"
    MASTERING = "mastering"


class ProgressMonitor(Protocol):
    """How an engine speaks to whoever runs it. Both calls are cheap and may come from one thread only."""

    def report(self, stage: str, fraction: float) -> None:
        """Tell that ``fraction`` (0.0 to 1.0, never falling) of the whole rendering is done; at least every 0.5 s.

        Raises RenderCancelledError when the rendering is no longer wanted: the engine lets it pass through.
        """


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine is and may promise. ``version`` changes whenever the samples of any request change."""

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


@dataclass(frozen=True, slots=True)
class Continuation:
    """What an engine left of a track so that another can follow it: its own, JSON-ready words, for that engine only.

    Whoever keeps it need not understand it; data that an engine cannot read does no harm.
    """

    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """What to make. ``duration_seconds`` is met within ±0.05 s; ``seed`` is any unsigned 32-bit number.

    With ``loop`` the last sample leads into the first. ``continue_from`` is the continuation of the track that this
    one follows: it keeps its band, tempo, key and motifs. ``segment`` makes it one of a focus session.
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


class Audio(Protocol):
    """Stereo sound at SAMPLE_RATE that is read in blocks, so that nobody needs to hold ten minutes in memory."""

    @property
    def frames(self) -> int:
        """Its length in samples per channel."""

    def blocks(self, size: int = 65_536) -> Iterator[Samples]:
        """From the start, in order, each block (≤ size, 2); the last may be shorter."""


@dataclass(frozen=True, slots=True)
class SpooledAudio:
    """Audio in a file of raw interleaved little-endian 32-bit floats, in the workspace of a rendering."""

    path: Path
    frames: int

    def blocks(self, size: int = 65_536) -> Iterator[Samples]:
        """See Audio."""
        with self.path.open("rb") as file:
            while raw := file.read(size * 8):
                yield np.frombuffer(raw, dtype="<f4").reshape(-1, 2)


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord that sounds from ``start_ms``; ``symbol`` as on a lead sheet ("Am7", "F/C")."""

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
    """The written music: a Standard MIDI File (format 1) and what a page shows of it."""

    midi: bytes
    chords: tuple[Chord, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Approximation:
    """A word that was understood but only nearly met: ``asked`` as it was written, ``given`` what there is instead."""

    asked: str
    given: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What was delivered. ``key`` as "A minor", ``metre`` as "4/4"; loudness after ITU-R BS.1770-4, on the master."""

    tempo_bpm: float
    key: str
    metre: str
    loudness_lufs: float
    true_peak_dbtp: float
    style: str
    words_used: tuple[str, ...] = ()
    words_ignored: tuple[str, ...] = ()
    words_approximated: tuple[Approximation, ...] = ()


Value = float | str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One property side by side: what was asked for (None: nothing), what was made, what was measured on the sound."""

    requested: Value
    delivered: Value
    measured: Value


@dataclass(frozen=True, slots=True)
class Report:
    """How far a request was met. ``notes`` are plain sentences for whoever asked."""

    tempo_bpm: Comparison
    key: Comparison
    duration_seconds: Comparison
    loudness_lufs: Comparison
    metre: Comparison
    words_used: tuple[str, ...] = ()
    words_approximated: tuple[Approximation, ...] = ()
    words_ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The same as plain values, ready for JSON."""
        plain = asdict(self)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}


@dataclass(frozen=True, slots=True)
class RenderResult:
    """All that one request became. ``stems`` by name ("drums", "bass", …), each as long as the master.

    ``palette`` holds four to six colours ("#1d3557") for a cover, from the darkest to the brightest.
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
    """One way of making music."""

    @property
    def info(self) -> EngineInfo:
        """What it is and may promise."""

    def render(self, request: RenderRequest, workspace: Path, monitor: ProgressMonitor) -> RenderResult:
        """Make the music; ``workspace`` is an empty folder that lives as long as the rendering is read.

        Raises RenderCancelledError when the monitor says so, and nothing else for any request within the card's limits.
        """
