"""The option ``--format`` of downloads, which the name of the file can also choose."""

from pathlib import Path
from typing import Annotated, Final

import typer
from music_studio_client.models import DownloadFormat

from server.cli import console

FormatOption = Annotated[
    DownloadFormat | None,
    typer.Option("--format", help="File format. Default: that of the file's name, else mp3.", case_sensitive=False),
]

_SUFFIXES: Final = {
    DownloadFormat.MP3: (".mp3",),
    DownloadFormat.STEM: (".flac",),
    DownloadFormat.FLAC: (".flac",),
    DownloadFormat.WAV: (".wav",),
    DownloadFormat.STEMS: (".zip",),
    DownloadFormat.MIDI: (".mid", ".midi"),
    DownloadFormat.MUSICXML: (".mxl",),
    DownloadFormat.WAVEFORM: (".json",),
    DownloadFormat.COVER: (".png",),
}


def download_format(target: Path, chosen: DownloadFormat | None) -> DownloadFormat:
    """Return the format to download: the chosen one, else that of the file's suffix, else MP3.

    Exits if the file cannot be written or its suffix belongs to no format or to another one.
    """
    by_suffix = {suffix: each for each, suffixes in _SUFFIXES.items() for suffix in suffixes}
    if chosen is None:
        console.check_target(target, by_suffix)
        return DownloadFormat.MP3 if target.is_dir() else by_suffix.get(target.suffix.lower(), DownloadFormat.MP3)
    console.check_target(target, _SUFFIXES[chosen])
    return chosen
