"""Receipts and verification of files in REST and GraphQL."""

import hashlib
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from core.licence import LicenceClass
from core.network import tls
from core.rights import RightsBasis
from core.settings import Settings
from core.track_metadata import SourceType, TrackSource
from resolvers.signing import signatures
from server.embedded import ports
from storage.maintenance import orphans
from storage.postgres.database import Database
from storage.tables import FileRole
from tests.support import receipt_factories
from tests.support.graphql.client import data, execute
from tests.support.processes.servers import serving
from tests.support.rest.client import Contract
from tests.support.rest.parity import to_rest_names
from tests.support.users import Cast

VERIFY: Final = """
query($sha256: String!, $trackId: ID) { verifyTrack(sha256: $sha256, trackId: $trackId) {
  verdict message sha256
  track { id engine engineVersion madeAt isAvailable digitalSourceType
    licence { licenceClass: class licenceVersion: version commercialUse requiresAttribution } }
  file { role name mediaType }
} }
"""
RECEIPT: Final = "query($id: ID!) { node(id: $id) { ... on Track { receipt } } }"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def verify_hash(rest: Contract, body: dict[str, Any]) -> Any:  # noqa: ANN401  JSON
    """Verify a hash by REST and GraphQL, which must return the same result."""
    answer = await rest.send("POST", "/v1/music/verify", json=body)
    assert answer.status_code == 200, answer.text
    variables = {"sha256": body["sha256"], "trackId": body.get("track_id")}
    seen: Any = to_rest_names((await data(rest.client, None, VERIFY, **variables))["verifyTrack"])
    if seen["track"] is not None:
        seen["track"]["available"] = seen["track"].pop("is_available")
        seen["track"]["digital_source_type"] = SourceType[seen["track"]["digital_source_type"].upper()].uri
    assert seen == answer.json()
    return answer.json()


async def verify_content(rest: Contract, content: bytes, content_type: str = "audio/mpeg") -> Any:  # noqa: ANN401  JSON
    """Verify the content of a file by REST."""
    answer = await rest.client.post("/v1/music/verify", content=content, headers={"Content-Type": content_type})
    assert answer.status_code == 200, answer.text
    rest.check(answer)
    return answer.json()


async def test_a_file_is_verified_by_its_hash_and_by_its_content(
    rest: Contract, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    track_id = await receipt_factories.put_track_with_files(database, settings, cast.ada, tmp_path)
    for role, name, media_type, what in (
        ("master", "", "audio/mpeg", "master"),
        ("stem", "drums", "audio/flac", "drums"),
    ):
        content = receipt_factories.build_content(track_id, what)
        seen = await verify_hash(rest, {"sha256": sha256(content).upper()})
        assert (seen["verdict"], seen["track"]["id"]) == ("matched", track_id)
        assert seen["file"] == {"role": role, "name": name, "media_type": media_type}
        assert seen["track"]["licence"] == {
            "licence_class": "commercial_cleared",
            "licence_version": "2026-11",
            "commercial_use": True,
            "requires_attribution": False,
        }
        assert await verify_content(rest, content, media_type) == seen


async def test_a_verification_contains_nothing_private(
    rest: Contract, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    track_id = await receipt_factories.put_track_with_files(
        database, settings, cast.ada, tmp_path, title="Secret title"
    )
    seen = str(await verify_hash(rest, {"sha256": sha256(receipt_factories.build_content(track_id, "master"))}))
    for private in (cast.ada.user_id, cast.ada.organization_id, "Secret title", "warm lofi beat", "First"):
        assert private not in seen


async def test_a_tagged_file_with_other_bytes_is_altered(
    rest: Contract, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    track_id = await receipt_factories.put_track_with_files(database, settings, cast.ada, tmp_path)
    content = receipt_factories.build_content(track_id, "another sound")
    seen = await verify_hash(rest, {"sha256": sha256(content), "track_id": track_id})
    assert (seen["verdict"], seen["track"]["id"], seen["file"]) == ("altered", track_id, None)
    assert await verify_content(rest, content, "application/octet-stream") == seen
    # the same tag in Vorbis comments and in ID3v2.3
    for tag in (
        f"TRACK_ID={track_id}".encode(),
        f"MUSIC_STUDIO_TRACK={track_id}".encode(),
        f"MUSIC_STUDIO_TRACK\x00\ufeff{track_id}".encode("utf-16-le"),
    ):
        assert (await verify_content(rest, b"x" * 100_000 + tag, "audio/flac"))["verdict"] == "altered"


async def test_a_foreign_file_is_unknown(rest: Contract, cast: Cast) -> None:
    unknown = {"verdict": "unknown", "message": "Nothing is known here about this file.", "track": None, "file": None}
    for named in (None, "mtrack_00000000000000000000dead", cast.ada.user_id, "ключ"):
        body = {"sha256": sha256(b"noise"), **({"track_id": named} if named else {})}
        assert await verify_hash(rest, body) == {**unknown, "sha256": sha256(b"noise")}
    assert await verify_content(rest, receipt_factories.build_content("mtrack_00000000000000000000dead", "x")) == {
        **unknown,
        "sha256": sha256(receipt_factories.build_content("mtrack_00000000000000000000dead", "x")),
    }


async def test_a_deleted_track_without_files_keeps_its_licence(
    rest: Contract, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    track_id = await receipt_factories.put_track_with_files(database, settings, cast.ada, tmp_path)
    body = {"sha256": sha256(receipt_factories.build_content(track_id, "drums"))}
    before = await verify_hash(rest, body)
    await rest.call("delete-track", cast.ada, path={"track_id": track_id})
    seen = await verify_hash(rest, body)
    assert seen == {**before, "track": {**before["track"], "available": False}}
    async with database.transaction() as session:
        assert await orphans.remove_files_of_deleted_tracks(session, timedelta(0)) == 2
    assert await verify_hash(rest, body) == seen


async def test_identical_files_get_the_most_restrictive_licence(
    rest: Contract, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    files = {(FileRole.MASTER, ""): b"the same sound"}
    free = await receipt_factories.put_track_with_files(database, settings, cast.ada, tmp_path, files)
    licence: dict[str, object] = {"licence_class": LicenceClass.PERSONAL_ONLY, "commercial_use": False}
    bound = await receipt_factories.put_track_with_files(database, settings, cast.cid, tmp_path, files, **licence)
    digest = sha256(b"the same sound")
    assert (await verify_hash(rest, {"sha256": digest}))["track"]["id"] == bound
    assert (await verify_hash(rest, {"sha256": digest, "track_id": free}))["track"]["id"] == free


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "sha256"),
        ({"sha256": "ab"}, "sha256"),
        ({"sha256": "g" * 64}, "sha256"),
        ({"sha256": "a" * 64, "file": "x"}, "file"),
    ],
    ids=["nothing", "short", "letters", "unknown-field"],
)
async def test_an_invalid_verification_returns_422(
    rest: Contract, cast: Cast, body: dict[str, str], field: str
) -> None:
    answer = await rest.send("POST", "/v1/music/verify", json=body)
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["error"]["details"]["errors"]] == [field]


async def test_verification_limits_file_size_and_request_rate(
    settings: Settings, database: Database, cast: Cast
) -> None:
    server = settings.server.model_copy(update={"port": ports.find_free()})
    limited = settings.receipts.model_copy(update={"max_file_bytes": 2_000_000, "verifications_per_minute": 3})
    with serving(settings.model_copy(update={"server": server, "receipts": limited})) as url:
        async with httpx.AsyncClient(base_url=url, timeout=100, verify=tls.default_context()) as client:

            async def blocks(count: int) -> Any:  # noqa: ANN401  an iterator
                for _ in range(count):
                    yield b"x" * 100_000

            async def post(**options: Any) -> httpx.Response:  # noqa: ANN401  httpx's
                headers = {"Content-Type": "audio/wav"}
                return await client.post("/v1/music/verify", headers=headers, **options)

            larger_than_a_body = await post(content=blocks(15))
            assert (larger_than_a_body.status_code, larger_than_a_body.json()["verdict"]) == (200, "unknown")
            assert (await post(content=blocks(21))).status_code == 413
            assert (await post(content=b"x" * 2_000_001)).status_code == 413
            assert (await post(content=b"x")).status_code == 200
            refused = await post(content=b"x")
            assert (refused.status_code, refused.json()["error"]["code"]) == (429, "RATE_LIMIT_EXCEEDED")
            assert int(refused.headers["Retry-After"]) > 0
            body = await execute(client, None, VERIFY, sha256="a" * 64)
            assert body["errors"][0]["extensions"]["code"] == "RATE_LIMIT_EXCEEDED"


async def test_rest_and_graphql_return_the_same_receipt_to_everyone_with_access(
    rest: Contract, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    track_id = await receipt_factories.put_track_with_files(database, settings, cast.ada, tmp_path)
    answer = await rest.call("get-receipt", cast.ada, path={"track_id": track_id})
    receipt = answer.json()
    assert (await data(rest.client, cast.ada, RECEIPT, id=track_id))["node"]["receipt"] == receipt
    files = {(file["role"], file["name"]): (file["sha256"], file["size_bytes"]) for file in receipt["files"]}
    master, drums = (
        receipt_factories.build_content(track_id, "master"),
        receipt_factories.build_content(track_id, "drums"),
    )
    assert files == {
        ("master", ""): (sha256(master), len(master)),
        ("stem", "drums"): (sha256(drums), len(drums)),
    }
    assert (receipt["track_id"], receipt["organization"], receipt["issuer"]) == (track_id, "First", settings.public_url)
    assert receipt["digital_source_type"].endswith("/algorithmicMedia")
    assert receipt["source"] is None
    link = (await rest.call("share-track", cast.ada, path={"track_id": track_id})).json()
    await rest.call("save-shared-track", cast.cid, path={"token": link["token"]})
    assert (await data(rest.client, cast.cid, RECEIPT, id=track_id))["node"]["receipt"] == receipt


async def test_a_receipt_names_the_audio_that_the_track_was_made_from(
    rest: Contract, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    basis, day = RightsBasis.LICENSED, "2026-11-30T10:00:00Z"
    upload = TrackSource("cover", "ab" * 32, reference_audio_id="mref_0123456789ab", basis=basis, declared_at=day)
    papers = {"source_type": SourceType.TRAINED_ALGORITHMIC_MEDIA, "source": asdict(upload)}
    track_id = await receipt_factories.put_track_with_files(database, settings, cast.ada, tmp_path, papers=papers)
    receipt = (await rest.call("get-receipt", cast.ada, path={"track_id": track_id})).json()
    # without the id of the upload
    assert receipt["source"] == {
        "task": "cover",
        "sha256": "ab" * 32,
        "track_id": None,
        "basis": "licensed",
        "declared_at": day,
    }


async def test_a_receipt_is_signed_by_a_published_key(
    rest: Contract, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    track_id = await receipt_factories.put_track_with_files(database, settings, cast.ada, tmp_path)
    receipt = (await rest.call("get-receipt", cast.ada, path={"track_id": track_id})).json()
    answer = await rest.client.get("/.well-known/music-studio-keys.json", headers={"Origin": "https://anywhere.org"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert [sorted(key) for key in answer.json()["keys"]] == [["alg", "crv", "kid", "kty", "use", "x"]]
    keys = signatures.parse_jwks(answer.json())
    assert signatures.is_valid(receipt, keys)
    for name, value in (("seed", 2), ("organization", "Second"), ("files", [])):
        assert not signatures.is_valid({**receipt, name: value}, keys)
    better = {**receipt, "licence": {**receipt["licence"], "requires_attribution": True}}
    assert not signatures.is_valid(better, keys)


async def test_a_deleted_track_has_no_receipt(
    rest: Contract, database: Database, settings: Settings, cast: Cast, tmp_path: Path
) -> None:
    track_id = await receipt_factories.put_track_with_files(database, settings, cast.ada, tmp_path)
    await rest.call("delete-track", cast.ada, path={"track_id": track_id})
    assert (await rest.call("get-receipt", cast.ada, path={"track_id": track_id})).status_code == 404
    assert (await data(rest.client, cast.ada, RECEIPT, id=track_id))["node"] is None
