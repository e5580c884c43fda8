"""Who we are to Google: a key file, or what the machine knows of itself; and what signs in that name."""

from pathlib import Path
from typing import Any, Final

import google.auth
import requests
from google.auth import credentials as auth
from google.auth import iam
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2 import service_account

from core.errors import Unavailable

_CLOUD_SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"  # signing by IAM needs it
_STORAGE_SCOPE: Final = "https://www.googleapis.com/auth/devstorage.read_write"


def from_file(path: Path) -> auth.Credentials:
    """The service account of a key file. Raises ValueError for a file that is none."""
    try:
        account: auth.Credentials = service_account.Credentials.from_service_account_file(
            str(path), scopes=[_STORAGE_SCOPE]
        )
    except (OSError, ValueError, GoogleAuthError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no key file of a service account"
        raise ValueError(f"MUSIC_STUDIO_BLOBS__KEY_FILE={path} cannot be used: {reason}") from error
    return account


def application_default(session: requests.Session) -> Any:  # noqa: ANN401  Google's; some have no types
    """The application default credentials. Raises GoogleAuthError without any."""
    return google.auth.default(scopes=[_CLOUD_SCOPE], request=Request(session))[0]


def anonymous() -> auth.Credentials:
    """Nobody; for an emulator on a line that anybody may read."""
    return auth.AnonymousCredentials()


def authorized_session(credentials: auth.Credentials, session: requests.Session, connections: int) -> requests.Session:
    """A session that shows these credentials, and asks for their tokens through the other session."""
    found = AuthorizedSession(credentials, auth_request=Request(session))
    for scheme in ("https://", "http://"):
        found.mount(scheme, requests.adapters.HTTPAdapter(pool_maxsize=connections))
    return found


def signing_credentials(credentials: Any, session: requests.Session, email: str | None) -> auth.Signing:  # noqa: ANN401  see above
    """What signs links: the private key in the credentials, or IAM in the name of a service account.

    Raises Unavailable when no account is known, GoogleAuthError.
    """
    if isinstance(credentials, auth.Signing):
        return credentials
    request = Request(session)
    if email is None and not credentials.valid:
        credentials.refresh(request)  # only then it knows its own name
    email = email or getattr(credentials, "service_account_email", None)
    if email is None:
        raise Unavailable("Blob store cannot sign links: MUSIC_STUDIO_BLOBS__SIGNER names no account")
    return service_account.Credentials(iam.Signer(request, credentials, email), email, token_uri="")
