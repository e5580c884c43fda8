"""New credentials of users: API keys, browser sessions and sign-in codes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core import api_keys, ids
from storage.tables import ApiKey, CredentialKind

PREFIXES: Final[Mapping[CredentialKind, str]] = {
    CredentialKind.KEY: api_keys.PREFIX,
    CredentialKind.SESSION: api_keys.SESSION_PREFIX,
    CredentialKind.SIGN_IN_CODE: api_keys.CODE_PREFIX,
}
"""The prefix of the text of each kind."""


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A new credential with its text, which is not stored."""

    row: ApiKey
    text: str


def create(
    kind: CredentialKind,
    user_id: str,
    name: str,
    expires_at: datetime | None,
    scopes: Collection[str] = (),
    started_by_key_id: str | None = None,
) -> NewCredential:
    """Create a credential, which ends with the key that started it; the caller inserts its row."""
    text = api_keys.new(PREFIXES[kind])
    row = ApiKey(
        id=ids.new(ids.Kind.API_KEY),
        user_id=user_id,
        name=name,
        hint=api_keys.hint(text),
        digest=api_keys.digest(text),
        kind=kind,
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        started_by_key_id=started_by_key_id,
    )
    return NewCredential(row, text)
