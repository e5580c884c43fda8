"""Waveforms of tracks, reduced to a number of peaks."""

import logging
from itertools import pairwise
from typing import Final

import orjson

from core.errors import InvalidInput, Problem
from resolvers.access.context import Context
from storage.blobs.port import BlobNotFound
from storage.tables import TrackFile

log = logging.getLogger(__name__)

MAX_POINTS: Final = 2000
_FULL_SCALE: Final = 127


def check_points(points: int) -> None:
    """Raise InvalidInput for a number of points out of bounds."""
    if not 1 <= points <= MAX_POINTS:
        raise InvalidInput([Problem(("points",), f"Must be 1 to {MAX_POINTS}.")])


async def load_peaks(ctx: Context, file: TrackFile, points: int) -> list[float] | None:
    """Return the peak of each of ``points`` equal parts, 0 to 1; None when the file is missing. Raises Unavailable."""
    try:
        content = b"".join([block async for block in ctx.services.blobs.read(file.blob_key)])
    except BlobNotFound:
        log.warning("waveform missing", extra={"track": file.track_id, "key": file.blob_key})
        return None
    return reduce_peaks(orjson.loads(content)["data"], points)


def reduce_peaks(extremes: list[int], points: int) -> list[float]:
    """Reduce 8-bit samples, alternating minimum and maximum, to the peak of each part.

    With more parts than pairs of samples, parts share pairs.
    """
    pairs = len(extremes) // 2
    if pairs == 0:
        return [0.0] * points
    bounds = [number * pairs // points for number in range(points + 1)]
    parts = (extremes[2 * low : 2 * max(high, low + 1)] for low, high in pairwise(bounds))
    return [round(min(max(map(abs, part)) / _FULL_SCALE, 1.0), 3) for part in parts]
