"""Calls to an ACE-Step server."""

from collections.abc import Mapping
from typing import Final

from engines.remote import http_errors
from engines.remote.http_client import Body, PeerClient, PeerResponse
from engines.remote.http_errors import NOT_ACCEPTED

NAME: Final = "ACE-Step"
_BEFORE_THE_QUEUE: Final = NOT_ACCEPTED | {500, 501}
"""Both servers queue a job as their last act before they answer, so that their own errors precede it."""


async def submit(client: PeerClient, path: str, body: Body) -> PeerResponse:
    """Submit a job and return the answer, a success."""
    answer = await client.call("POST", path, body, is_submission=True)
    if not answer.is_success:
        raise http_errors.from_submission(client, answer, not_accepted=_BEFORE_THE_QUEUE)
    return answer


async def get(client: PeerClient, path: str) -> Mapping[str, object]:
    """Return the JSON object at a path, empty if it is none."""
    return read(client, await client.call("GET", path))


def read(client: PeerClient, answer: PeerResponse) -> Mapping[str, object]:
    """Return the JSON object in an answer, empty if it is none. Raises RemoteError for an error status."""
    if not answer.is_success:
        raise http_errors.from_job(client, answer)
    document = answer.json()
    return document if isinstance(document, dict) else {}
