"""Media types of audio files, by their first bytes rather than by what a peer claims."""

from pathlib import Path
from typing import Final

from engines.remote.port import RemoteError, RemoteFault

_HEAD_BYTES: Final = 12
_MPEG_SYNC: Final = 0b1110_0000


def audio_type(path: Path, peer_name: str) -> str:
    """Return the media type of a file: WAV, FLAC, Ogg, MPEG or MP4 audio. Raises RemoteError FAILED for others."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head[:4] in {b"RIFF", b"RF64"} and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[:4] == b"fLaC":
        return "audio/flac"
    if head[:4] == b"OggS":
        return "audio/ogg"
    if head[4:8] == b"ftyp":
        return "audio/mp4"
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & _MPEG_SYNC == _MPEG_SYNC):
        return "audio/mpeg"
    raise RemoteError(RemoteFault.FAILED, f"{peer_name} sent a file that is no audio.")
