"""Trusted documents (persisted operations): load the operator's manifest, and resolve the document of a request."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from core.settings import GraphQLSettings

_MAX_ID_LENGTH: Final = 512


class DocumentNotAllowedError(Exception):
    """The document is unknown or not allowed. Messages that Apollo clients check are those of their protocol."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class TrustedDocuments:
    """The manifest, by the ids in the file and by the SHA-256 of each document, which Apollo clients send."""

    def __init__(
        self, mode: str = "off", documents: Mapping[str, str] | None = None, page_documents: Iterable[str] = ()
    ) -> None:
        self._mode = mode
        named = documents or {}
        self._documents = {**{_sha256(text): text for text in (*page_documents, *named.values())}, **named}

    def resolve(self, body: Mapping[str, Any]) -> str | None:
        """Return the ``query`` of a request, or the document that it names, or None. Raises DocumentNotAllowedError."""
        query, document_id, digest = body.get("query") or None, body.get("documentId"), _apollo_hash(body)
        key = document_id if isinstance(document_id, str) else digest
        if query is None:
            return None if key is None else self._by_key(key, is_apollo=digest is not None)
        if not isinstance(query, str):
            return None
        if digest is not None and digest != _sha256(query):
            raise DocumentNotAllowedError("provided sha does not match query", "PERSISTED_QUERY_HASH_MISMATCH")
        if self._mode == "only" and _sha256(query) not in self._documents:
            raise DocumentNotAllowedError(
                "The document is not in the manifest of trusted documents.", "DOCUMENT_NOT_TRUSTED"
            )
        return query

    def _by_key(self, key: str, *, is_apollo: bool) -> str:
        if self._mode == "off" and is_apollo:
            # Apollo clients then send the full document in every request
            raise DocumentNotAllowedError("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")
        document = self._documents.get(key.removeprefix("sha256:")) if len(key) <= _MAX_ID_LENGTH else None
        if document is None or self._mode == "off":
            raise DocumentNotAllowedError("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
        return document


def has_document_id(body: Mapping[str, Any]) -> bool:
    return isinstance(body.get("documentId"), str) or _apollo_hash(body) is not None


def load(settings: GraphQLSettings, page_documents: Callable[[], Iterable[str]] = tuple) -> TrustedDocuments:
    """Load the manifest of the settings, if they name one. Raises ValueError if it cannot be read."""
    path = settings.trusted_documents_file
    if settings.trusted_documents == "off":
        return TrustedDocuments()
    if path is None:
        raise ValueError("MUSIC_STUDIO_GRAPHQL__TRUSTED_DOCUMENTS_FILE must be set for trusted documents")
    return TrustedDocuments(settings.trusted_documents, dict(_read(path)), page_documents())


def _read(path: Path) -> Iterator[tuple[str, str]]:
    """Yield ids and documents of an object (Relay, graphql-codegen), or of a list under ``operations`` (Apollo)."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"the manifest of trusted documents {path} cannot be read: {error}") from error
    operations = manifest.get("operations") if isinstance(manifest, dict) else None
    is_object = isinstance(manifest, dict) and operations is None
    pairs = manifest.items() if is_object else map(_entry, operations or [None])
    for document_id, text in pairs:
        if not isinstance(document_id, str) or not isinstance(text, str):
            message = f"the manifest of trusted documents {path} contains an entry that is not a document"
            raise ValueError(message)  # noqa: TRY004  the value of a setting is invalid
        yield document_id, text


def _entry(entry: object) -> tuple[object, object]:
    return (entry.get("id"), entry.get("body")) if isinstance(entry, dict) else (None, None)


def _apollo_hash(body: Mapping[str, Any]) -> str | None:
    """Return ``extensions.persistedQuery.sha256Hash``."""
    extensions = body.get("extensions")
    persisted_query = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    digest = persisted_query.get("sha256Hash") if isinstance(persisted_query, dict) else None
    return digest.lower() if isinstance(digest, str) else None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
