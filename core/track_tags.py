"""The tag by which a file names its track, and how it is found wherever it stands."""

import re
from typing import Final

TAGS: Final = ("MUSIC_STUDIO_TRACK", "TRACK_ID")
"""Names under which files carry the id of their track: TXXX of ID3, a comment of Vorbis, a text of RIFF."""

_ID: Final = r"mtrack_[0-9a-f]{12,64}"
_MARK: Final = re.compile(f"(?:{'|'.join(TAGS)})[\x00=]({_ID})".encode())
# as editors that know ID3v2.3 only write it again
_WIDE_MARK: Final = re.compile(
    b"(?:"
    + b"|".join(f"{tag}\x00".encode("utf-16-le") for tag in TAGS)
    + b")(?:\xff\xfe)?("
    + "".join(f"{letter}\x00" for letter in "mtrack_").encode()
    + b"(?:[0-9a-f]\x00){12,64})"
)
_LONGEST: Final = 512
"""No mark has so many bytes."""


class Marks:
    """Finds the track that a file names in its tags, wherever they stand, as its bytes pass by."""

    def __init__(self) -> None:
        self._tail = b""
        self._found: str | None = None

    def feed(self, block: bytes) -> None:
        """The next bytes of the file."""
        if self._found is None:
            seen = self._tail + block
            self._found = _named(seen, is_end=False)
            self._tail = seen[-_LONGEST:]

    def track_id(self) -> str | None:
        """The first track that was named, once the file has ended."""
        return self._found or _named(self._tail, is_end=True)


def _named(seen: bytes, *, is_end: bool) -> str | None:
    for pattern in (_MARK, _WIDE_MARK):
        found = pattern.search(seen)
        # an id that touches the edge may go on behind it
        if found is not None and (is_end or found.end() < len(seen) - 1):
            return found[1].replace(b"\x00", b"").decode()
    return None
