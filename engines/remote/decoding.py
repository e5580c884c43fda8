"""Decode audio files of peers and users in a child process with limits, without the secrets in the environment."""

import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from core.settings import PROJECT
from engines.port import SpooledAudio

_TIMEOUT_SECONDS: Final = 180.0
_MAX_OUTPUT_BYTES: Final = 65_536


class UndecodableError(Exception):
    """A file is no audio that is accepted; the text is a sentence for the user."""


async def decode(source: Path, target: Path, max_seconds: float) -> tuple[SpooledAudio, str]:
    """Decode a file to stereo at SAMPLE_RATE and return it with the file suffix of its format.

    The suffix of ``target`` is the format that is written, as ``engines.remote.decoder_program`` describes. The
    returned audio can be read only if these are raw floats.

    Raises UndecodableError for other content, for audio longer than ``max_seconds``, and if a limit of the child is
    exceeded. Raises OSError if the disk is full.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "engines.remote.decoder_program", str(source), str(target), str(max_seconds)),
        cwd=PROJECT,
        env={"PATH": os.defpath, "PYTHONPATH": str(PROJECT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            output, _ = await child.communicate()
    except TimeoutError:
        raise UndecodableError("Decoding the file takes too long.") from None
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()
    return _read_result(child.returncode, output[:_MAX_OUTPUT_BYTES], target)


def _read_result(status: int | None, output: bytes, target: Path) -> tuple[SpooledAudio, str]:
    try:
        facts = json.loads(output)
    except ValueError:
        raise UndecodableError(f"The file cannot be decoded: its decoder ended with status {status}.") from None
    if "error" in facts:
        raise UndecodableError(facts["error"])
    return SpooledAudio(target, facts["frames"]), facts["suffix"]
