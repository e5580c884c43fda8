"""Prepare text of a peer for users: one short line without secrets and addresses."""

import re
from collections.abc import Collection
from typing import Final

MAX_LENGTH: Final = 300

_URL: Final = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>]+", re.IGNORECASE)
_REMOVED: Final = "[removed]"


def clean(text: str, secrets: Collection[str] = (), hosts: Collection[str] = (), max_length: int = MAX_LENGTH) -> str:
    """Return the text on one line of at most ``max_length`` characters, without URLs, ``secrets`` and ``hosts``."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, _REMOVED)
    text = _URL.sub(_REMOVED, text)
    for host in filter(None, hosts):
        text = text.replace(host, _REMOVED)
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= max_length else f"{line[: max_length - 1]}…"


def sentence(text: str) -> str:
    """Return the text with a full stop at the end."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
