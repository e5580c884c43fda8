"""Which part of a file a request wants: RFC 9110, section 14, for one range at a time."""

import re
from typing import Final

_ONE: Final = re.compile(r"bytes=[ \t]*(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))[ \t]*", re.ASCII | re.IGNORECASE)


class Unsatisfiable(Exception):  # noqa: N818  the name of the status
    """The file ends before the range begins."""


def wanted(header: str, size_bytes: int) -> range | None:
    """The bytes a Range header asks for; None for the whole file. Raises Unsatisfiable.

    A header that is malformed, in another unit, or asks for several ranges is ignored, as the standard lets us: no
    player asks for several, and answering them is work that a stranger could multiply.
    """
    found = _ONE.fullmatch(header)
    if found is None:
        return None
    first, last, length = found.groups()
    if length is not None:
        part = range(max(size_bytes - int(length), 0), size_bytes)
    elif last is not None and int(last) < int(first):
        return None
    else:
        part = range(int(first), size_bytes if last is None else min(int(last) + 1, size_bytes))
    if not part:
        raise Unsatisfiable
    return part


def is_current(if_range: str | None, etag: str) -> bool:
    """Whether the part asked for is of the file that we have; a date never says so, for we tell none."""
    return if_range is None or if_range == etag


def matches(if_none_match: str, etag: str) -> bool:
    """Whether the caller has the file already."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or etag in tags
