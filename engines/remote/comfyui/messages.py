"""Sentences from ComfyUI's errors of nodes.

Source: answers of ComfyUI's ``server.py`` and ``execution.py``, read on 2026-11-30.
"""

from collections.abc import Iterator, Mapping, Sequence

from engines.remote.http_client import PeerClient
from engines.remote.peer_text import sentence
from engines.remote.port import RemoteError, RemoteFault


def refused(client: PeerClient, document: object) -> RemoteError:
    """Return the error of a workflow that ComfyUI does not accept."""
    error = document.get("error") if isinstance(document, Mapping) else None
    reasons = list(_node_reasons(document)) or [_joined(error)]
    text = client.clean("; ".join(filter(None, reasons))) or "it states no reason"
    return RemoteError(RemoteFault.REJECTED, sentence(f"{client.peer.name} refused the workflow: {text}"))


def failed(client: PeerClient, events: object) -> RemoteError:
    """Return the error of a workflow that failed or was interrupted, from the events of its history."""
    name = client.peer.name
    for event, data in _events(events):
        if event == "execution_error":
            node = f"node {data.get('node_id')} ({data.get('node_type')})"
            text = client.clean(f"{node}: {data.get('exception_message') or data.get('exception_type')}")
            return RemoteError(RemoteFault.FAILED, sentence(f"{name} failed at {text}"))
        if event == "execution_interrupted":
            return RemoteError(RemoteFault.FAILED, f"The workflow was interrupted at {name}.")
    return RemoteError(RemoteFault.FAILED, f"{name} failed without a reason.")


def _node_reasons(document: object) -> Iterator[str]:
    nodes = document.get("node_errors") if isinstance(document, Mapping) else None
    for node_id, node in nodes.items() if isinstance(nodes, Mapping) else ():
        if isinstance(node, Mapping) and isinstance(node.get("errors"), Sequence):
            reasons = ", ".join(filter(None, map(_joined, node["errors"])))
            yield f"node {node_id} ({node.get('class_type')}): {reasons}"


def _joined(error: object) -> str:
    """Return message and details of an error; older versions send a text."""
    if isinstance(error, Mapping):
        parts = [error.get("message"), error.get("details")]
        return ": ".join(part for part in parts if isinstance(part, str) and part)
    return error if isinstance(error, str) else ""


def _events(events: object) -> Iterator[tuple[object, Mapping[str, object]]]:
    for event in events if isinstance(events, list) else ():
        match event:
            case [str(kind), dict(data)]:
                yield kind, data
