"""Sets side by side what was asked for, what was made and what is heard."""

from collections.abc import Callable

from engines.port import SAMPLE_RATE, Approximation, Audio, Comparison, Report
from engines.studio.analysis import metre_detection, tempo_and_key
from engines.studio.model.composition import Composition
from engines.studio.model.music_request import MusicRequest
from engines.studio.model.plan import LAST_CHORD
from engines.studio.theory.metre import metre_named
from engines.studio.theory.pitch import Key

TARGET_LUFS = -14.0
"""What every track is meant to have; nobody can ask for another loudness."""


def build_report(
    asked: MusicRequest,
    seconds_asked: float,
    piece: Composition,
    audio: Audio,
    loudness_lufs: float,
    approximated: tuple[Approximation, ...],
    notes: tuple[str, ...],
    tell: Callable[[], None] = lambda: None,
) -> Report:
    """A report on a piece and its sound; ``asked`` is the brief as it was read, before anything changed it.

    ``tell`` is called between the measurements, for each of a long piece takes a while.
    """
    sound = tempo_and_key.to_reduced_mono(audio, tell)
    tempo = tempo_and_key.estimate_tempo(sound, piece.counted_tempo, tell)
    tell()
    metre = metre_detection.detect_metre(sound, piece.counted_tempo, metre_named(piece.metre))
    tell()
    seconds = round(audio.frames / SAMPLE_RATE, 3)
    told = {one.asked for one in approximated}
    rests = piece.sections[-1].name == LAST_CHORD
    return Report(
        Comparison(asked.requested_tempo, round(piece.counted_tempo, 2), tempo),
        Comparison(
            requested_key(asked), delivered_key(piece.key), tempo_and_key.estimate_key(sound, ends_on_tonic=rests)
        ),
        Comparison(seconds_asked, seconds, seconds),
        Comparison(TARGET_LUFS, loudness_lufs, loudness_lufs),
        Comparison(asked.metre, piece.metre, metre),
        tuple(word for word in asked.words_used if word not in told),
        approximated,
        asked.words_ignored,
        notes,
    )


def requested_key(request: MusicRequest) -> str | None:
    """The key that was asked for, as far as it was named: "D dorian", "minor", "E"."""
    if request.tonic is None:
        return request.mode
    names = Key(request.tonic, request.mode or "major").pitch_names
    return f"{names[request.tonic]} {request.mode}" if request.mode else names[request.tonic]


def delivered_key(key: Key) -> str:
    """A key with its mode: "A minor", "D dorian"."""
    return f"{key.pitch_names[key.tonic]} {key.mode}"
