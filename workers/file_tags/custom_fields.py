"""Metadata fields without a standard tag, under the same names in all file types, and formats of the standard ones."""

from collections.abc import Mapping
from typing import Final

from core.track_metadata import TrackMetadata, TrackOrigin, hash_prompt

SOFTWARE: Final = "Music Studio"

_MODE_SUFFIXES: Final[Mapping[str, str]] = {"major": "", "minor": "m"}


def engine(metadata: TrackMetadata) -> str:
    return f"{metadata.engine} {metadata.engine_version}"


def as_dict(metadata: TrackMetadata) -> dict[str, str]:
    """Return the fields as texts by name; fields without a value are left out."""
    fields = {
        "TRACK_ID": metadata.track_id,
        "ENGINE": metadata.engine,
        "ENGINE_VERSION": metadata.engine_version,
        "DIGITAL_SOURCE_TYPE": metadata.source_type.uri,
        "PROMPT_SHA256": metadata.prompt_sha256,
        "LICENCE_CLASS": metadata.licence_class.value,
        "LICENCE_VERSION": metadata.licence_version,
        "COMMERCIAL_USE": "yes" if metadata.commercial_use else "no",
        "ATTRIBUTION": "required" if metadata.requires_attribution else "not required",
        "ATTRIBUTION_TEXT": metadata.attribution or "",
        "TEMPO_BPM": "" if metadata.tempo_bpm is None else f"{metadata.tempo_bpm:g}",
        "MUSICAL_KEY": metadata.key or "",
        **_origin(metadata.origin),
        "MODEL": metadata.model or "",
        "MODEL_VERSION": metadata.model_version or "",
        "MODEL_ADAPTERS": ", ".join(metadata.adapters),
        "SEED": "" if metadata.seed is None else str(metadata.seed),
        **_request(metadata),
        "LICENCE_TERMS": metadata.licence_terms or "",
        "SOURCE": metadata.source.message if metadata.source else "",
        "SOURCE_SHA256": metadata.source.sha256 if metadata.source else "",
    }
    return {name: text for name, text in fields.items() if text}


def _request(metadata: TrackMetadata) -> dict[str, str]:
    """Return prompt and request as texts or, unless the operator embeds them, the digest of the request."""
    sent = metadata.request_sent or ""
    if metadata.prompt is None:
        return {"REQUEST_SHA256": hash_prompt(sent) if sent else ""}
    return {"PROMPT": metadata.prompt, "REQUEST_SENT": sent}


def _origin(origin: TrackOrigin | None) -> dict[str, str]:
    if origin is None:
        return {}
    is_verified = "yes" if origin.is_verified else "no"
    return {
        "ORIGIN": origin.issuer or "unknown",
        "IMPORTED_AT": origin.imported_at,
        "ORIGIN_VERIFIED": is_verified,
    }


def licence(metadata: TrackMetadata) -> str:
    """Return licence and attribution in one line."""
    uses = "commercial use" if metadata.commercial_use else "no commercial use"
    credit = "attribution required" if metadata.requires_attribution else "no attribution required"
    return f"{metadata.licence_class.value} {metadata.licence_version}: {uses}, {credit}"


def whole_bpm(metadata: TrackMetadata) -> str:
    """Return the tempo as a whole number, or an empty string if unknown."""
    return "" if metadata.tempo_bpm is None else str(round(metadata.tempo_bpm))


def short_key(metadata: TrackMetadata) -> str:
    """Return the key as "Am" or "Eb", or an empty string unless it is major or minor."""
    tonic, _, mode = (metadata.key or "").partition(" ")
    tonic = tonic.replace("♯", "#").replace("♭", "b")
    return tonic + _MODE_SUFFIXES[mode] if mode in _MODE_SUFFIXES else ""
