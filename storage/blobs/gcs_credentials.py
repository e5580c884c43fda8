"""Credentials for Google Cloud Storage: a key file or the application default credentials, and the signer of URLs."""

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

_CLOUD_SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"  # required to sign with IAM
_STORAGE_SCOPE: Final = "https://www.googleapis.com/auth/devstorage.read_write"


def from_file(path: Path) -> auth.Credentials:
    """Load the service account of a key file. Raises ValueError if the file is not one."""
    try:
        account: auth.Credentials = service_account.Credentials.from_service_account_file(
            str(path), scopes=[_STORAGE_SCOPE]
        )
    except (OSError, ValueError, GoogleAuthError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not the key file of a service account"
        raise ValueError(f"MUSIC_STUDIO_BLOBS__KEY_FILE={path} cannot be used: {reason}") from error
    return account


def application_default(endpoint: str, session: requests.Session) -> Any:  # noqa: ANN401  some of Google's credentials have no types
    """Load the application default credentials. Raises GoogleAuthError if there are none.

    An emulator over plain HTTP must not receive real ones and gets none.
    """
    if endpoint.startswith("http://"):
        return auth.AnonymousCredentials()
    return google.auth.default(scopes=[_CLOUD_SCOPE], request=Request(session))[0]


def authorized_session(credentials: auth.Credentials, session: requests.Session, connections: int) -> requests.Session:
    """Return a session that sends these credentials and fetches their access tokens through ``session``."""
    authorized = AuthorizedSession(credentials, auth_request=Request(session))
    for scheme in ("https://", "http://"):
        authorized.mount(scheme, requests.adapters.HTTPAdapter(pool_maxsize=connections))
    return authorized


def signing_credentials(credentials: Any, session: requests.Session, email: str | None) -> auth.Signing:  # noqa: ANN401  see above
    """Return the signer of URLs: the private key in the credentials, or IAM on behalf of a service account.

    Raises Unavailable if the account is unknown, GoogleAuthError.
    """
    if isinstance(credentials, auth.Signing):
        return credentials
    request = Request(session)
    if email is None and not credentials.valid:
        credentials.refresh(request)  # loads the name of the account
    email = email or getattr(credentials, "service_account_email", None)
    if email is None:
        raise Unavailable("Blob store cannot sign URLs: set MUSIC_STUDIO_BLOBS__SIGNER to a service account")
    return service_account.Credentials(iam.Signer(request, credentials, email), email, token_uri="")
