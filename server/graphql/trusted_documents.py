"""Documents that the operator vouches for, by their hashes: the manifest, and what a request may call from it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from core.settings import GraphQLSettings

Mode = Literal["off", "prefer", "only"]

_MAX_ID_LENGTH: Final = 512


class DocumentNotAllowedError(Exception):
    """The request names a document that it may not have; the text is the protocol's own where clients look for it."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class TrustedDocuments:
    """The manifest of this installation, in one of three modes."""

    def __init__(self, mode: Mode = "off", texts: Mapping[str, str] | None = None) -> None:
        self._mode = mode
        # a client may name a document as its tool does, or by SHA-256 as Apollo's links do
        self._texts = {**{_sha256(text): text for text in (texts or {}).values()}, **(texts or {})}

    def resolve(self, body: Mapping[str, Any]) -> str | None:
        """The document that a request means: its own text, or the one it names; None for neither. Raises Untrusted."""
        text, name, digest = body.get("query") or None, body.get("documentId"), _apollo_hash(body)
        named = name if isinstance(name, str) else digest
        if text is None:
            return None if named is None else self._by_id(named, is_apollo=digest is not None)
        if not isinstance(text, str):
            return None
        if digest is not None and digest != _sha256(text):
            raise DocumentNotAllowedError("provided sha does not match query", "PERSISTED_QUERY_HASH_MISMATCH")
        if self._mode == "only" and _sha256(text) not in self._texts:
            raise DocumentNotAllowedError(
                "Only documents of this server's manifest are answered.", "DOCUMENT_NOT_TRUSTED"
            )
        return text

    def _by_id(self, name: str, *, is_apollo: bool) -> str:
        if self._mode == "off" and is_apollo:
            # Apollo's links send the text from then on
            raise DocumentNotAllowedError("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")
        text = self._texts.get(name.removeprefix("sha256:")) if len(name) <= _MAX_ID_LENGTH else None
        if text is None or self._mode == "off":
            raise DocumentNotAllowedError("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
        return text


def has_document_id(body: Mapping[str, Any]) -> bool:
    """Whether a document is named, in either way."""
    return isinstance(body.get("documentId"), str) or _apollo_hash(body) is not None


def load(settings: GraphQLSettings) -> TrustedDocuments:
    """What the settings name. Raises ValueError when that cannot be read."""
    path = settings.trusted_documents_file
    if settings.trusted_documents == "off":
        return TrustedDocuments()
    if path is None:
        raise ValueError("trusted documents need MUSIC_STUDIO_GRAPHQL__TRUSTED_DOCUMENTS_FILE")
    return TrustedDocuments(settings.trusted_documents, dict(_read(path)))


def _read(path: Path) -> Iterator[tuple[str, str]]:
    """Names and texts: an object of them (Relay, graphql-codegen), or a list under ``operations`` (Apollo)."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"the manifest of trusted documents {path} cannot be read: {error}") from error
    listed = manifest.get("operations") if isinstance(manifest, dict) else None
    pairs = manifest.items() if isinstance(manifest, dict) and listed is None else map(_entry, listed or [None])
    for name, text in pairs:
        if not isinstance(name, str) or not isinstance(text, str):
            problem = f"the manifest of trusted documents {path} holds something that is no document"
            raise ValueError(problem)  # noqa: TRY004  a setting is wrong
        yield name, text


def _entry(entry: object) -> tuple[object, object]:
    return (entry.get("id"), entry.get("body")) if isinstance(entry, dict) else (None, None)


def _apollo_hash(body: Mapping[str, Any]) -> str | None:
    """What Apollo's links say: ``extensions.persistedQuery.sha256Hash``."""
    extensions = body.get("extensions")
    said = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    digest = said.get("sha256Hash") if isinstance(said, dict) else None
    return digest.lower() if isinstance(digest, str) else None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
