"""Sign files with a C2PA manifest that states who made them and how. Needs the extra ``c2pa``.

Files are signed after they are tagged: the signature covers the tags, so that later changes invalidate it.
"""

import importlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from core.settings import C2paSettings
from core.track_metadata import TrackMetadata
from storage.blobs import content_hash
from workers.file_tags import custom_fields

C2paSigner = Callable[[Path, TrackMetadata], None]
"""Signs a file in place."""


@cache
def create_signer(settings: C2paSettings) -> C2paSigner | None:
    """Return the configured signer, or None if C2PA is not configured. Raises ValueError if it cannot sign."""
    if settings.chain_file is None or settings.key_file is None:
        return None
    try:
        library: Any = importlib.import_module("c2pa")
    except ModuleNotFoundError:
        raise ValueError("C2PA needs its library: pip install 'music-studio[c2pa]'") from None
    try:
        chain, key = settings.chain_file.read_bytes(), settings.key_file.read_bytes()
        info = library.C2paSignerInfo(settings.algorithm.encode(), chain, key, None)
        library.Signer.from_info(info).close()
    except (OSError, library.C2paError) as error:
        raise ValueError(f"the C2PA chain or key cannot be used: {error}") from error

    def sign(path: Path, metadata: TrackMetadata) -> None:
        signed = path.with_suffix(".signed")
        with (
            library.Signer.from_info(info) as signer,
            library.Builder(_manifest(metadata)) as builder,
            path.open("rb") as source,
            signed.open("w+b") as target,
        ):
            builder.sign(signer, content_hash.MEDIA_TYPES[path.suffix], source, target)
        signed.replace(path)

    return sign


def _manifest(metadata: TrackMetadata) -> str:
    """Return a manifest with the action "created", its software and its digital source type."""
    created = {
        "action": "c2pa.created",
        "when": metadata.made_at,
        "digitalSourceType": metadata.source_type.uri,
        "softwareAgent": {"name": metadata.engine, "version": metadata.engine_version},
    }
    fields = {"creator": metadata.creator, **custom_fields.as_dict(metadata)}
    manifest = {
        "claim_generator_info": [{"name": custom_fields.SOFTWARE}],
        "title": metadata.title or metadata.track_id,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [created]}},
            {"label": "org.music-studio.papers", "data": fields},
        ],
    }
    return json.dumps(manifest)
