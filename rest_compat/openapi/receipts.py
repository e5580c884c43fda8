"""Beyond the contract: receipts, and what a file is."""

from typing import Any, Final

from core.ids import Kind
from core.track_metadata import SourceType
from core.verification import Verdict
from resolvers.receipts import receipts
from resolvers.receipts.commands import VerifyTrack
from rest_compat.openapi import json_schema, licences, request_bodies, tracks
from rest_compat.openapi.descriptions import Body, Description, Noun, Success
from rest_compat.openapi.json_schema import Schema

_SHA256: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_MADE_AT: Final = "2026-06-28T10:30:00Z"

_ORIGIN: Final = {
    "engine": json_schema.text("The engine that made it."),
    "engine_version": json_schema.text("The version of that engine."),
}
_SOURCE: Final = json_schema.one_of([one.uri for one in SourceType], "How it came to be, as IPTC's NewsCodes name it.")
_FILE: Final = {
    "role": json_schema.text("Which kind of file: master, stem, score, waveform, cover, …"),
    "name": {"type": "string", "description": "Tells stems and pictures apart; else empty."},
    "media_type": json_schema.text("As `audio/mpeg`."),
}


def _digest(description: str) -> Schema:
    return json_schema.text(description, pattern="^[0-9a-f]{64}$")


_RECEIPT: Final = json_schema.closed(
    "What this installation says of a track over its signature.",
    {
        "kind": {"type": "string", "const": receipts.KIND, "description": "What this document is."},
        "version": {"type": "integer", "const": receipts.VERSION, "description": "How it is to be read."},
        "issuer": json_schema.uri("Whose keys sign it: `/.well-known/music-studio-keys.json` there."),
        "organization": json_schema.text("The name of the organization that had it made."),
        "track_id": json_schema.id_of(Kind.TRACK, "The track."),
        **_ORIGIN,
        "seed": json_schema.integer("The seed that made it."),
        "made_at": json_schema.moment("When it was made."),
        "licence": json_schema.ref("VerifiedLicence", "What it may be used for."),
        "digital_source_type": _SOURCE,
        "files": json_schema.array_of(json_schema.ref("ReceiptFile"), "Every file that it has by now."),
        "signature": json_schema.ref("ReceiptSignature", "On all of the above."),
    },
)

_RECEIPT_FILE: Final = json_schema.closed(
    "A file of a track.",
    {**_FILE, "size_bytes": json_schema.integer("Its size.", minimum=1), "sha256": _digest("The hash of its bytes.")},
)

_SIGNATURE: Final = json_schema.closed(
    "An Ed25519 signature on the document as RFC 8785 writes it, without `value`.",
    {
        "algorithm": {"type": "string", "const": "Ed25519", "description": "How it was signed."},
        "key_id": json_schema.text("The thumbprint (RFC 7638) of the public key."),
        "value": json_schema.text("The signature, in base64url."),
    },
)

_LICENCE: Final = json_schema.closed(
    "What a track may be used for, frozen when it was made.",
    {"licence_class": licences.CLASS, "licence_version": licences.VERSION, **licences.USES},
    allOf=[licences.RULE],
)

_TRACK: Final = json_schema.closed(
    "A track as anybody who holds a file of it may know it.",
    {
        "id": json_schema.id_of(Kind.TRACK, "The track."),
        **_ORIGIN,
        "made_at": json_schema.moment("When it was made."),
        "available": json_schema.flag("Whether its maker still keeps it here."),
        "digital_source_type": _SOURCE,
        "licence": json_schema.ref("VerifiedLicence", "What it may be used for; deleting it does not change that."),
    },
)

_FOUND: Final = json_schema.closed("What a file is to its track.", _FILE)

_VERIFICATION: Final = json_schema.closed(
    "What a file is.",
    {
        "verdict": json_schema.member_of(
            Verdict,
            "`matched`: byte for byte a file of ours. `altered`: it names a track of ours, but its bytes are none of "
            "ours. `unknown`: nothing is known about it.",
        ),
        "message": json_schema.text("The verdict for people."),
        "sha256": _digest("The hash that was compared."),
        "track": json_schema.nullable(json_schema.ref("VerifiedTrack", "The track that it belongs to, or names.")),
        "file": json_schema.nullable(
            json_schema.ref("VerifiedFile", "What it is to its track; null unless it matched.")
        ),
    },
)

_LICENCE_EXAMPLE: Final = {
    "licence_class": "commercial_cleared",
    "licence_version": "2026-11",
    "commercial_use": True,
    "requires_attribution": False,
}
_FOUND_EXAMPLE: Final = {"role": "master", "name": "", "media_type": "audio/mpeg"}
_ORIGIN_EXAMPLE: Final = {"engine": "studio", "engine_version": "1.2"}

_RECEIPT_EXAMPLE: Final[dict[str, Any]] = {
    "kind": receipts.KIND,
    "version": receipts.VERSION,
    "issuer": "https://music.example.org",
    "organization": "My Studio",
    "track_id": json_schema.example_id(Kind.TRACK),
    **_ORIGIN_EXAMPLE,
    "seed": 42,
    "made_at": _MADE_AT,
    "licence": _LICENCE_EXAMPLE,
    "digital_source_type": SourceType.ALGORITHMIC_MEDIA.uri,
    "files": [{**_FOUND_EXAMPLE, "size_bytes": 1441792, "sha256": _SHA256}],
    "signature": {
        "algorithm": "Ed25519",
        "key_id": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        "value": "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    },
}

_VERIFIED_EXAMPLE: Final = {
    "verdict": "matched",
    "message": "This file was made here, and nobody has changed a byte of it.",
    "sha256": _SHA256,
    "track": {
        "id": json_schema.example_id(Kind.TRACK),
        **_ORIGIN_EXAMPLE,
        "made_at": _MADE_AT,
        "available": True,
        "digital_source_type": SourceType.ALGORITHMIC_MEDIA.uri,
        "licence": _LICENCE_EXAMPLE,
    },
    "file": _FOUND_EXAMPLE,
}

_FIELDS: Final = {
    "sha256": "SHA-256 of the file's bytes.",
    "track_id": "The track that the file's own tags name (`MUSIC_STUDIO_TRACK`), if they name one.",
}

_VERIFY: Final = Description(
    "Verify a file",
    "Whether a file was made here and is unchanged, and what its track may be used for. Send the hash as JSON, or the "
    "file itself, which is hashed as it comes and kept nowhere. Nothing private is told: neither who made it, nor what "
    "was asked for. A deleted track is still known. Not part of the contract of old.",
    [Success(200, "What it is.", "Verification", _VERIFIED_EXAMPLE)],
    body=Body(
        "VerifyTrack",
        "The file's hash; or the file, as `audio/*`, `image/*`, `application/zip` or `application/octet-stream`.",
        {"sha256": _SHA256},
        also=["audio/*", "application/octet-stream"],
    ),
    refusals={
        "PAYLOAD_TOO_LARGE": "The file is over the limit for verification.",
        "RATE_LIMIT_EXCEEDED": "Too many questions from your address; `Retry-After` says how long to wait.",
    },
)


def noun() -> Noun:
    """Receipts."""
    return Noun(
        "Receipts",
        "What this installation says of its music over its signature, and whether a file is one of ours. The public "
        "keys are at `/.well-known/music-studio-keys.json`.",
        {
            "Receipt": _RECEIPT,
            "ReceiptFile": _RECEIPT_FILE,
            "ReceiptSignature": _SIGNATURE,
            "VerifiedLicence": _LICENCE,
            "VerifyTrack": request_bodies.body(VerifyTrack, "A file by its hash.", _FIELDS),
            "Verification": _VERIFICATION,
            "VerifiedTrack": _TRACK,
            "VerifiedFile": _FOUND,
        },
        {
            "get-receipt": Description(
                "Get the receipt of a track",
                "Hashes of all its files, its licence and its origin, signed: whoever has it can check the files "
                "without asking anybody. Files that are made later are in the receipts of later. Not part of the "
                "contract of old.",
                [Success(200, "The receipt.", "Receipt", _RECEIPT_EXAMPLE)],
                missing=[tracks.MISSING],
            ),
            "verify": _VERIFY,
        },
    )
