"""The report of a render: the request, the composition and the measurements on the master, side by side."""

from collections.abc import Callable
from dataclasses import dataclass

from engines.port import SAMPLE_RATE, Approximation, Audio, Comparison, Report
from engines.studio.analysis import metre_detection, tempo_and_key
from engines.studio.model.composition import LAST_CHORD, Composition
from engines.studio.model.music_request import MusicRequest
from engines.studio.theory.metre import metre_named
from engines.studio.theory.pitch import exact_key_name, key_name

REQUESTED_LUFS = -14.0
"""The requested loudness in a report, unless the request changes it or the track is a segment."""


@dataclass(frozen=True, slots=True)
class FinishedAudio:
    """A master, its loudness, and the second of its last chord if that does not ring until the end."""

    audio: Audio
    loudness_lufs: float
    stroke_at: float | None = None


def build_report(
    request: MusicRequest,
    requested_seconds: float,
    composition: Composition,
    finished: FinishedAudio,
    approximations: tuple[Approximation, ...],
    notes: tuple[str, ...],
    heartbeat: Callable[[], None] = lambda: None,
) -> Report:
    """Measure the master and compare it with the request, which is the prompt as read, before any adjustment.

    ``heartbeat`` is called between and during the measurements, which take a while for a long track.
    """
    sound = tempo_and_key.to_reduced_mono(finished.audio, heartbeat)
    tempo = tempo_and_key.estimate_tempo(sound, composition.counted_tempo, heartbeat)
    heartbeat()
    metre = metre_detection.detect_metre(sound, composition.counted_tempo, metre_named(composition.metre))
    heartbeat()
    ends_on_tonic = composition.sections[-1].name == LAST_CHORD
    key = tempo_and_key.estimate_key(sound, ends_on_tonic=ends_on_tonic, stroke_at=finished.stroke_at)
    delivered = composition.key
    seconds = round(finished.audio.frames / SAMPLE_RATE, 3)
    approximated = {approximation.asked for approximation in approximations}
    return Report(
        Comparison(request.requested_tempo, round(composition.counted_tempo, 2), tempo),
        Comparison(key_name(request.tonic, request.mode, request.accidental), exact_key_name(delivered), key),
        Comparison(requested_seconds, seconds, seconds),
        Comparison(REQUESTED_LUFS, finished.loudness_lufs, finished.loudness_lufs),
        Comparison(request.metre, composition.metre, metre),
        tuple(phrase for phrase in request.words_used if phrase not in approximated),
        approximations,
        request.words_ignored,
        notes,
    )
