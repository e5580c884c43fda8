"""Audio in the multipart responses of acestep.cpp."""

import mmap
import os
from pathlib import Path
from typing import Final

from engines.remote.port import RemoteError, RemoteFault

_LINE_END: Final = b"\r\n"
_HEADERS_END: Final = b"\r\n\r\n"


def extract_audio(file: Path, peer_name: str) -> None:
    """Replace a multipart body (RFC 2046, 5.1) without a preamble by its first part with audio.

    Raises RemoteError (UNAVAILABLE) if no such part is complete.
    """
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as body:
        found = _audio_range(body, body[: body.find(_LINE_END)])
        if found is None:
            raise RemoteError(RemoteFault.UNAVAILABLE, f"{peer_name} sent no complete audio file.")
        start, end = found
        body.move(0, start, end - start)
        body.flush()
    os.truncate(file, end - start)


def _audio_range(body: mmap.mmap, delimiter: bytes) -> tuple[int, int] | None:
    position = 0 if delimiter.startswith(b"--") else -1
    while position >= 0:
        start = body.find(_HEADERS_END, position)
        end = body.find(_LINE_END + delimiter, start) if start >= 0 else -1
        if end < 0:
            return None
        if b"content-type: audio/" in body[position:start].lower():
            return start + len(_HEADERS_END), end
        position = end + len(_LINE_END)
    return None
