"""Read the answers of a service by its description."""

import jmespath
from jmespath.exceptions import JMESPathError

from engines.remote import http_errors
from engines.remote.http_client import PeerClient
from engines.remote.peer_text import sentence
from engines.remote.port import RemoteError, RemoteFault, RemoteState, RemoteStatus
from engines.remote.queue.service import Failures, Polling, Result


def search(path: str | None, document: object) -> object:
    """Return what a path finds in an answer; None without a path, and for values that it cannot work on."""
    if path is None:
        return None
    try:
        found: object = jmespath.search(path, document)
    except JMESPathError:
        return None
    return found


def raise_code(client: PeerClient, errors: Failures, document: object) -> None:
    """Raise RemoteError for an answer that has a success status and an error code."""
    if errors.code is None or (code := search(errors.code, document)) in errors.success:
        return
    text = http_errors.message_of(client, document, errors.messages) or "it states no reason"
    fault = RemoteFault.REJECTED if code in errors.refused else RemoteFault.FAILED
    raise RemoteError(fault, sentence(f"{client.peer.name} refused the request: {text}"))


def read_status(client: PeerClient, polling: Polling, errors: Failures, document: object) -> RemoteStatus:
    """Return the state of a job, without its result. Raises RemoteError if it has failed or is lost."""
    name, word = client.peer.name, search(polling.state, document)
    if word in polling.lost:
        raise RemoteError(RemoteFault.LOST, f"{name} no longer knows the job.")
    failure = search(polling.failure, document)
    if word in polling.failed or (word in polling.succeeded and failure):
        text = client.clean(failure) if isinstance(failure, str) else None
        text = text or http_errors.message_of(client, document, errors.messages) or "it states no reason"
        raise RemoteError(RemoteFault.FAILED, sentence(f"{name} failed: {text}"))
    if word in polling.succeeded:
        return RemoteStatus(RemoteState.SUCCEEDED, 1.0)
    if word not in (*polling.queued, *polling.running):
        raise RemoteError(RemoteFault.UNAVAILABLE, f"{name} answered with an unknown state of the job.")
    state = RemoteState.QUEUED if word in polling.queued else RemoteState.RUNNING
    return RemoteStatus(state, _fraction(polling, document), _position(polling, document))


def read_result(client: PeerClient, result: Result, document: object) -> dict[str, object]:
    """Return what an answer holds of the result, by the fields of ``Result``. Raises RemoteError without audio."""
    paths = {"audio": result.audio, "seed": result.seed, "model": result.model, "lyrics": result.lyrics}
    found = {name: search(path, document) for name, path in paths.items()}
    if not isinstance(found["audio"], str) or not found["audio"]:
        raise RemoteError(RemoteFault.FAILED, f"{client.peer.name} reports a success without audio.")
    return {name: value for name, value in found.items() if value is not None}


def _fraction(polling: Polling, document: object) -> float | None:
    found = search(polling.fraction, document)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return min(max(found / polling.full, 0.0), 1.0)


def _position(polling: Polling, document: object) -> int | None:
    found = search(polling.position, document)
    if isinstance(found, bool) or not isinstance(found, int) or found < polling.first_position:
        return None
    return found - polling.first_position + 1
