"""The tag that identifies the track of an audio file, and a scanner that finds it in a stream of bytes."""

import re
from typing import Final

TAGS: Final = ("MUSIC_STUDIO_TRACK", "TRACK_ID")
"""Names of the tag that contains the track id: an ID3 TXXX frame, a Vorbis comment or a RIFF text."""

_ID: Final = r"mtrack_[0-9a-f]{12,64}"
_TAG: Final = re.compile(f"(?:{'|'.join(TAGS)})[\x00=]({_ID})".encode())
# editors that know only ID3v2.3 rewrite the tag in UTF-16
_UTF16_TAG: Final = re.compile(
    b"(?:"
    + b"|".join(f"{tag}\x00".encode("utf-16-le") for tag in TAGS)
    + b")(?:\xff\xfe)?("
    + "".join(f"{letter}\x00" for letter in "mtrack_").encode()
    + b"(?:[0-9a-f]\x00){12,64})"
)
_MAX_TAG_BYTES: Final = 512
"""Every tag is shorter than this."""


class TrackTagScanner:
    """Find the track id in the tags of a file, at any position, while its bytes are read."""

    def __init__(self) -> None:
        self._tail = b""
        self._track_id: str | None = None

    def feed(self, block: bytes) -> None:
        """Scan the next bytes of the file."""
        if self._track_id is None:
            window = self._tail + block
            self._track_id = _find_track_id(window, is_end=False)
            self._tail = window[-_MAX_TAG_BYTES:]

    def track_id(self) -> str | None:
        """Return the first track id after the whole file was fed, or None."""
        return self._track_id or _find_track_id(self._tail, is_end=True)


def _find_track_id(window: bytes, *, is_end: bool) -> str | None:
    for pattern in (_TAG, _UTF16_TAG):
        match = pattern.search(window)
        # an id at the end of the block may continue in the next one
        if match is not None and (is_end or match.end() < len(window) - 1):
            return match[1].replace(b"\x00", b"").decode()
    return None
