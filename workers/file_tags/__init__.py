"""Write track metadata as tags into MP3, FLAC and WAV files. The audio data is not changed.

There is no library for this: mutagen, TagLib's bindings and eyeD3 are GPL, permissive libraries only read tags, and
soundfile writes ten text fields and no picture.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from core.track_metadata import TrackMetadata
from workers.file_tags import flac, id3, wav

_WRITERS: Final[Mapping[str, Callable[[Path, TrackMetadata, bytes | None], None]]] = {
    ".mp3": id3.write,
    ".flac": flac.write,
    ".wav": wav.write,
}


def write(path: Path, metadata: TrackMetadata, cover: bytes | None = None) -> None:
    """Replace the tags of a file; ``cover`` is a PNG. Raises KeyError for other file types."""
    _WRITERS[path.suffix](path, metadata, cover)
