"""Range, If-Range and If-None-Match headers (RFC 9110, sections 13 and 14), with a single range."""

import re
from typing import Final

_BYTE_RANGE: Final = re.compile(
    r"bytes=[ \t]*(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))[ \t]*", re.ASCII | re.IGNORECASE
)


class UnsatisfiableRangeError(Exception):
    """The range starts after the end of the file."""


def parse_range(header: str, size_bytes: int) -> range | None:
    """Return the byte range that a Range header requests, or None for the whole file. Raises UnsatisfiableRangeError.

    A header that is malformed, has another unit or several ranges is ignored, as RFC 9110 permits. Players request one
    range, and a multipart response would let a client multiply the server's work.
    """
    match = _BYTE_RANGE.fullmatch(header)
    if match is None:
        return None
    first, last, length = match.groups()
    if length is not None:
        requested = range(max(size_bytes - int(length), 0), size_bytes)
    elif last is not None and int(last) < int(first):
        return None
    else:
        requested = range(int(first), size_bytes if last is None else min(int(last) + 1, size_bytes))
    if not requested:
        raise UnsatisfiableRangeError
    return requested


def matches_if_range(if_range: str | None, etag: str) -> bool:
    """Return whether If-Range permits a partial response. A date never does, as responses have no Last-Modified."""
    return if_range is None or if_range == etag


def matches_if_none_match(if_none_match: str, etag: str) -> bool:
    """Return whether the client's cached copy is current (weak comparison)."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or etag in tags
