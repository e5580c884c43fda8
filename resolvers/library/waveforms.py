"""The shape of a track's sound, as coarse as a picture needs it."""

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


def limit(points: int) -> int:
    """The number of parts. Raises InvalidInput when out of bounds."""
    if not 1 <= points <= MAX_POINTS:
        raise InvalidInput([Problem(("points",), f"Must be 1 to {MAX_POINTS}.")])
    return points


async def peaks(ctx: Context, file: TrackFile, points: int) -> list[float] | None:
    """The highest level in each of so many equal parts, 0 to 1; None when the file is gone.

    Raises Unavailable.
    """
    try:
        content = b"".join([block async for block in ctx.services.blobs.read(file.blob_key)])
    except BlobNotFound:
        log.warning("waveform missing", extra={"track": file.track_id, "key": file.blob_key})
        return None
    return reduced(orjson.loads(content)["data"], points)


def reduced(extremes: list[int], points: int) -> list[float]:
    """Minimum and maximum in turns, 8 bit, as the highest level of each part; a part has one pair at least."""
    pairs = len(extremes) // 2
    if pairs == 0:
        return [0.0] * points
    bounds = [number * pairs // points for number in range(points + 1)]
    parts = (extremes[2 * low : 2 * max(high, low + 1)] for low, high in pairwise(bounds))
    return [round(min(max(map(abs, part)) / _FULL_SCALE, 1.0), 3) for part in parts]
