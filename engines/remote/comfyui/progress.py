"""Progress of a workflow from ComfyUI's WebSocket, which sends it to a client with the job's client id."""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from typing_extensions import override
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

MAX_MESSAGE_BYTES: Final = 4_194_304
"""Largest message; those of previews are images."""

_SILENT: Final = logging.Logger("silent", logging.CRITICAL + 1)  # noqa: LOG001  no configuration may enable it
"""The library logs headers, which contain credentials."""


class _ConnectOnce(connect):
    @override
    def process_redirect(self, exc: Exception) -> Exception:
        return exc


async def listen(
    base_url: str, headers: Mapping[str, str], client_id: str, prompt_id: str, nodes: int, seconds: float
) -> float | None:
    """Return the fraction of a workflow with this number of nodes, None if none arrives within the seconds."""
    scheme = "wss" if urlsplit(base_url).scheme == "https" else "ws"
    address = f"{scheme}://{base_url.partition('://')[2]}/ws?clientId={quote(client_id)}"
    try:
        async with asyncio.timeout(seconds):
            async with _ConnectOnce(
                address,
                additional_headers=dict(headers),
                proxy=None,
                max_size=MAX_MESSAGE_BYTES,
                close_timeout=seconds,
                logger=_SILENT,
            ) as socket:
                async for message in socket:
                    if isinstance(message, str) and (found := _fraction(message, prompt_id, nodes)) is not None:
                        return found
    except (TimeoutError, OSError, WebSocketException):
        return None
    return None


def _fraction(message: str, prompt_id: str, nodes: int) -> float | None:
    """Return the fraction in a message of type ``progress_state``: nodes are listed once they start."""
    try:
        document = json.loads(message)
    except (ValueError, RecursionError):
        return None
    match document:
        case {"type": "progress_state", "data": {"prompt_id": str(found), "nodes": dict(states)}} if found == prompt_id:
            return min(sum(map(_done, states.values())) / max(nodes, len(states), 1), 1.0)
    return None


def _done(state: object) -> float:
    match state:
        case {"state": "finished"}:
            return 1.0
        case {"value": int() | float() as value, "max": int() | float() as whole} if whole > 0:
            return min(max(value / whole, 0.0), 1.0)
    return 0.0
