"""The choice among the models that a server has loaded."""

from collections.abc import Sequence

from engines.remote.port import RemoteError, RemoteFault


def choose_model(peer_name: str, wanted: Sequence[str], available: Sequence[str]) -> str:
    """Return the first wanted model that the server has. Raises RemoteError (UNAVAILABLE) without one."""
    found = next((name for name in wanted if name in available), None)
    if found is None:
        names = ", ".join(available) or "none"
        message = f"{peer_name} lacks {' or '.join(wanted) or 'models'}. Its models: {names}."
        raise RemoteError(RemoteFault.UNAVAILABLE, message)
    return found
