"""C2PA: a signed manifest in a file that says who made it and how. The only module that knows the library, an extra.

Tags go first and the seal last: it covers all the rest, and whoever changes a tag afterwards breaks it.
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
    """What signs in the name of this installation; None when nothing does. Raises ValueError for what cannot work."""
    if settings.chain_file is None or settings.key_file is None:
        return None
    library, info = _library(), None
    try:
        chain, key = settings.chain_file.read_bytes(), settings.key_file.read_bytes()
        info = library.C2paSignerInfo(settings.algorithm.encode(), chain, key, None)
        library.Signer.from_info(info).close()
    except (OSError, library.C2paError) as error:
        raise ValueError(f"the C2PA chain or key cannot be used: {error}") from error

    def seal(path: Path, papers: TrackMetadata) -> None:
        signed = path.with_suffix(".signed")
        with (
            library.Signer.from_info(info) as signer,
            library.Builder(_manifest(papers)) as builder,
            path.open("rb") as source,
            signed.open("w+b") as target,
        ):
            builder.sign(signer, content_hash.MEDIA_TYPES[path.suffix], source, target)
        signed.replace(path)

    return seal


def _library() -> Any:  # noqa: ANN401  it has no types
    try:
        return importlib.import_module("c2pa")
    except ModuleNotFoundError:
        raise ValueError("C2PA needs its library: pip install 'music-studio[c2pa]'") from None


def _manifest(papers: TrackMetadata) -> str:
    """That it was created, by what, and how such sound comes to be."""
    created = {
        "action": "c2pa.created",
        "when": papers.made_at,
        "digitalSourceType": papers.source_type.uri,
        "softwareAgent": {"name": papers.engine, "version": papers.engine_version},
    }
    told = {
        "claim_generator_info": [{"name": custom_fields.SOFTWARE}],
        "title": papers.title or papers.track_id,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [created]}},
            {"label": "org.music-studio.papers", "data": {"creator": papers.creator, **custom_fields.as_dict(papers)}},
        ],
    }
    return json.dumps(told)
