"""Papers inside of files: what a track says of itself, in the words of each kind of file.

Written by ourselves: mutagen, TagLib's bindings and eyeD3 are GPL, permissive libraries only read, and soundfile knows
ten strings and no picture. An engine knows nothing of this. Papers never touch the sound.
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


def write(path: Path, papers: TrackMetadata, cover: bytes | None = None) -> None:
    """Put papers, and a cover as PNG, into a file in place of those it has; KeyError for a kind that carries none."""
    _WRITERS[path.suffix](path, papers, cover)
