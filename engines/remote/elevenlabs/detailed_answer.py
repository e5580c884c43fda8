"""Read the multipart answer of ``/v1/music/detailed``: JSON about the song, and the audio file.

Source: the client elevenlabs-python of 2026-07-23 (``music_custom.py``, ``DetailedMusicResponse``), read on 2026-11-30.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_BOUNDARY: Final = re.compile(rb'boundary="?([^";]+)"?', re.IGNORECASE)
_HEAD_END: Final = re.compile(rb"\r\n\r\n|\n\n")
_JSON: Final = b"application/json"

MAX_LINE_WORDS: Final = 10
MIN_PAUSE_MS: Final = 500


@dataclass(frozen=True, slots=True)
class DetailedAnswer:
    """The audio, whether the lyrics are marked as explicit, and the sung words as LRC, None without timestamps."""

    audio: bytes
    is_explicit: bool = False
    timed_lyrics: str | None = None


def parse(body: bytes, content_type: str) -> DetailedAnswer | None:
    """Return the answer; None if it has no audio part."""
    found = _BOUNDARY.search(content_type.encode())
    delimiter = b"--" + found[1] if found else body.split(b"\n", 1)[0].strip()
    document: Mapping[str, object] = {}
    audio = b""
    for head, content in _parts(body, delimiter):
        if _JSON in head.lower():
            document = _object(content)
        else:
            audio = content
    if not audio:
        return None
    metadata = _member(document, "song_metadata", "songMetadata")
    is_explicit = isinstance(metadata, Mapping) and _member(metadata, "is_explicit", "isExplicit") is True
    return DetailedAnswer(audio, is_explicit, _lrc(_member(document, "words_timestamps", "wordsTimestamps")))


def _parts(body: bytes, delimiter: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the head and content of each part. The last one ends with the body if no delimiter follows."""
    if not delimiter.strip(b"-"):
        return
    for part in body.split(delimiter)[1:]:
        if part.startswith(b"--"):
            return
        if end := _HEAD_END.search(part):
            content = part[end.end() :]
            yield part[: end.start()], content.removesuffix(b"\n").removesuffix(b"\r")


def _object(content: bytes) -> Mapping[str, object]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _member(document: Mapping[str, object], *names: str) -> object:
    """Return the member under one of these names: the client has seen both spellings."""
    return next((document[name] for name in names if document.get(name) is not None), None)


def _lrc(words: object) -> str | None:
    """Return words with times as LRC: a line ends at a pause or after MAX_LINE_WORDS words."""
    lines: list[tuple[int, list[str]]] = []
    previous_end = 0
    for word in words if isinstance(words, list) else []:
        match word:
            case {"word": str(text), "start_ms": int(start), "end_ms": int(end)} if text.strip() and start >= 0:
                is_new = not lines or start - previous_end >= MIN_PAUSE_MS or len(lines[-1][1]) >= MAX_LINE_WORDS
                if is_new:
                    lines.append((start, []))
                lines[-1][1].append(text.strip())
                previous_end = end
    return "".join(f"[{_clock(start)}]{' '.join(texts)}\n" for start, texts in lines) or None


def _clock(milliseconds: int) -> str:
    minutes, rest = divmod(milliseconds // 10, 6000)
    return f"{minutes:02}:{rest // 100:02}.{rest % 100:02}"
