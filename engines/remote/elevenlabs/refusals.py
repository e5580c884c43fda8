"""Errors of ElevenLabs, with the prompt or styles that it suggests instead.

Sources, read on 2026-11-30: "Music quickstart" (ElevenLabs: ``bad_prompt`` and ``bad_composition_plan`` with
suggestions) and public clients that read ``detail.status`` and ``detail.data.prompt_suggestion``. Not verified against
the service: ``quota_exceeded`` with status 401.
"""

from typing import Final

import jmespath

from engines.remote import http_errors
from engines.remote.http_client import PeerClient, PeerResponse
from engines.remote.peer_text import sentence
from engines.remote.port import RemoteError, RemoteFault

MAX_SUGGESTION_LENGTH: Final = 2_000

_STYLES: Final = (
    "detail.data.composition_plan_suggestion"
    ".[positive_global_styles, chunks[].positive_styles[], sections[].positive_local_styles[]][]"
)
_MESSAGES: Final = ("detail.message", "detail[0].msg", "detail")


def from_answer(client: PeerClient, answer: PeerResponse) -> RemoteError:
    """Return the error of a refused request."""
    document = answer.json()
    name = client.peer.name
    kind = jmespath.search("detail.status || detail.code", document)
    if kind == "quota_exceeded":
        return RemoteError(RemoteFault.REJECTED, f"The account of this installation at {name} has no credit.")
    if kind == "bad_prompt":
        return _refused(client, document, "the prompt", "Suggested prompt", _suggested_prompt(client, document))
    if kind == "bad_composition_plan":
        suggested = _suggested_styles(client, document)
        return _refused(client, document, "the lyrics or styles", "Suggested styles", suggested)
    return http_errors.from_submission(client, answer, _MESSAGES)


def _refused(client: PeerClient, document: object, what: str, label: str, suggestion: str) -> RemoteError:
    reason = http_errors.message_of(client, document, _MESSAGES) or "it may contain protected material"
    message = sentence(f"{client.peer.name} refused {what}: {reason}")
    return RemoteError(RemoteFault.REJECTED, f"{message} {label}: {suggestion}" if suggestion else message)


def _suggested_prompt(client: PeerClient, document: object) -> str:
    found = jmespath.search("detail.data.prompt_suggestion", document)
    return client.clean(found, MAX_SUGGESTION_LENGTH) if isinstance(found, str) else ""


def _suggested_styles(client: PeerClient, document: object) -> str:
    found = jmespath.search(_STYLES, document)
    styles = [each for each in found or [] if isinstance(each, str)]
    return client.clean(", ".join(dict.fromkeys(styles)), MAX_SUGGESTION_LENGTH)
