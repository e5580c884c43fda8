"""Random choices of a focus session. Imports no audio code: servers use this module."""

import hashlib
from random import Random


def session_random(session_seed: int, *purpose: str | int) -> Random:
    """Return a random generator that depends only on the session and the purpose."""
    digest = hashlib.sha256("/".join(str(word) for word in ("session", session_seed, *purpose)).encode()).digest()
    return Random(int.from_bytes(digest[:16], "big"))  # noqa: S311  music, not secrets
