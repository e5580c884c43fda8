"""Play a track with a program of this machine."""

import shutil
import subprocess
from typing import Final

from server.cli import console

_PLAYERS: Final = (
    ("mpv", "--no-video", "--really-quiet"),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
    ("mpg123", "-q"),
    ("afplay",),
    ("vlc", "--intf", "dummy", "--play-and-exit"),
)


def play(location: str) -> None:
    """Play a file or URL with the first player that is installed, until its end."""
    for name, *options in _PLAYERS:
        program = shutil.which(name)
        if program is not None:
            subprocess.run([program, *options, location], check=False)  # noqa: S603  a player of this machine
            return
    names = ", ".join(name for name, *_ in _PLAYERS)
    console.fail(f"no player is installed ({names}); the track can be played at {location}")
