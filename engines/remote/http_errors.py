"""Errors that the HTTP statuses of a peer mean, with the sentence that the peer sends."""

from collections.abc import Collection, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

import jmespath

from core import clock
from engines.remote.http_client import PeerClient, PeerResponse
from engines.remote.peer_text import sentence
from engines.remote.port import RemoteError, RemoteFault

MESSAGE_PATHS: Final = (
    "error.message", "error.detail", "error", "detail.message", "detail[0].msg", "detail", "message", "title",
)  # fmt: skip
"""JMESPath expressions under which common interfaces put their error message."""

NOT_ACCEPTED: Final = frozenset({408, 425, 429, 503})
"""Statuses after which a request was certainly not accepted, unless a service documents others (RFC 9110, 6585)."""

MAX_RETRY_AFTER_SECONDS: Final = 3600.0

_CREDENTIALS: Final = (401, 403)
_PAYMENT: Final = 402
_GONE: Final = (404, 410)
SERVER_ERROR: Final = 500
_CLIENT_ERROR: Final = 400


def message_of(client: PeerClient, document: object, paths: Sequence[str] = MESSAGE_PATHS) -> str | None:
    """Return the first text that the paths find, for users, or None."""
    for path in paths:
        found = jmespath.search(path, document)
        if isinstance(found, str) and (text := client.clean(found)):
            return text
    return None


def retry_after(answer: PeerResponse) -> float | None:
    """Return the seconds of a ``Retry-After`` header in either of its forms, at most an hour; None without one."""
    text = answer.headers.get("retry-after", "").strip()
    try:
        seconds = float(text) if text[:1].isdigit() else _seconds_until(text)
    except ValueError:
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)


def _seconds_until(text: str) -> float:
    at = parsedate_to_datetime(text)
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - clock.now()).total_seconds()


def from_submission(
    client: PeerClient,
    answer: PeerResponse,
    paths: Sequence[str] = MESSAGE_PATHS,
    not_accepted: Collection[int] = NOT_ACCEPTED,
) -> RemoteError:
    """Return the error of a submission that was answered with an error status.

    A server error that is not among ``not_accepted`` leaves open whether the peer works on the request.
    """
    if answer.status in not_accepted:
        return _unavailable(client, answer, paths)
    if answer.status >= SERVER_ERROR:
        text = f"{client.peer.name} answered {answer.status}, which leaves open whether it accepted the request."
        return RemoteError(RemoteFault.UNCERTAIN, text)
    if answer.status in _GONE:
        message = f"{client.peer.name} does not know the configured model or address."
        return RemoteError(RemoteFault.REJECTED, message)
    return _refused(client, answer, paths)


def from_job(client: PeerClient, answer: PeerResponse, paths: Sequence[str] = MESSAGE_PATHS) -> RemoteError:
    """Return the error of a call about a job that was answered with an error status."""
    if answer.status in _GONE:
        return RemoteError(RemoteFault.LOST, f"{client.peer.name} no longer knows the job.")
    if answer.status in NOT_ACCEPTED or answer.status >= SERVER_ERROR:
        return _unavailable(client, answer, paths)
    return _refused(client, answer, paths)


def _unavailable(client: PeerClient, answer: PeerResponse, paths: Sequence[str]) -> RemoteError:
    text = message_of(client, answer.json(), paths) or f"it answered {answer.status}"
    message = sentence(f"{client.peer.name} is not available: {text}")
    return RemoteError(RemoteFault.UNAVAILABLE, message, retry_after(answer))


def _refused(client: PeerClient, answer: PeerResponse, paths: Sequence[str]) -> RemoteError:
    name = client.peer.name
    if answer.status < _CLIENT_ERROR:
        return RemoteError(RemoteFault.UNAVAILABLE, f"{name} answered {answer.status} where it should not.")
    if answer.status in _CREDENTIALS:
        return RemoteError(RemoteFault.REJECTED, f"{name} does not accept the credentials of this installation.")
    if answer.status == _PAYMENT:
        return RemoteError(RemoteFault.REJECTED, f"The account of this installation at {name} has no credit.")
    text = message_of(client, answer.json(), paths) or f"it answered {answer.status}"
    return RemoteError(RemoteFault.REJECTED, sentence(f"{name} refused the request: {text}"))
