"""Run commands in a pseudo-terminal, as a person does, and record what it shows."""

import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.settings import PROJECT

COLUMNS: Final = 110
_BLOCK_BYTES: Final = 65_536
_ROWS: Final = 60
_HIDDEN_FRAMES: Final = re.compile(r"\x1b\[\?25l.*?\x1b\[\?25h", re.DOTALL)
"""What progress displays write: they hide the cursor, draw over their own lines and show it again."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A command as it was typed, what the terminal showed with its ANSI colours, and the exit status."""

    command: str
    output: str
    status: int


def run(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Shown:
    """Run a command of the studio in a folder and a terminal of ``COLUMNS`` columns."""
    primary, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (_ROWS, COLUMNS))
    variables = {**os.environ, **environment, "PYTHONPATH": str(PROJECT), "TERM": "xterm-256color"}
    with subprocess.Popen(  # noqa: S603  our own commands
        [sys.executable, "-m", "server.cli", *words],
        cwd=folder,
        env=variables,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        output = _read(primary)
    os.close(primary)
    text = _HIDDEN_FRAMES.sub("", output.decode("utf-8")).replace("\r\n", "\n")
    typed = " ".join(f'"{word}"' if " " in word else word for word in words)
    return Shown(f"./studio {typed}", text.strip("\n"), process.returncode)


def _read(descriptor: int) -> bytes:
    """Return all that is written until the last process closes the terminal."""
    blocks = bytearray()
    while True:
        try:
            block = os.read(descriptor, _BLOCK_BYTES)
        except OSError:
            # Linux reports the end of a pseudo-terminal as an error
            block = b""
        if not block:
            return bytes(blocks)
        blocks += block
