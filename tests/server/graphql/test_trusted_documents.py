"""Trusted documents, as clients of Apollo, Relay and graphql-codegen send them."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from core.network import tls
from core.settings import GraphQLSettings, Settings
from server.graphql import trusted_documents
from server.routes import page_documents
from tests.support.polling import DEADLINE_SECONDS
from tests.support.processes import configured_server
from tests.support.users import Cast

ME = "query Me { viewer { id } }"
WATCH = "subscription Watch($id: ID!) { generationUpdated(id: $id) { status } }"
OTHER = "{ __typename }"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def apollo(text: str) -> dict[str, object]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(text)}}}


MANIFESTS = {
    "apollo": {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [
            {"id": sha256(ME), "name": "Me", "type": "query", "body": ME},
            {"id": sha256(WATCH), "name": "Watch", "type": "subscription", "body": WATCH},
        ],
    },
    "relay": {"me-by-md5": ME, "watch-by-md5": WATCH},
    "codegen": {sha256(ME): ME, sha256(WATCH): WATCH},
}
CALLS: dict[str, dict[str, object]] = {"id": {"documentId": "me-by-md5"}, "hash": apollo(ME), "text": {"query": ME}}
NAMES = {"apollo": sha256(ME), "relay": "me-by-md5", "codegen": f"sha256:{sha256(ME)}"}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the manifest as relay-compiler does."""
    path = tmp_path_factory.mktemp("manifest") / "persisted.json"
    path.write_text(json.dumps(MANIFESTS["relay"]))
    return path


@pytest.fixture(scope="module")
def only_url(settings: Settings, quiet_redis_url: str, manifest: Path) -> Iterator[str]:
    """A server that allows only documents of its manifest."""
    graphql: dict[str, object] = {"trusted_documents": "only", "trusted_documents_file": manifest}
    with configured_server.run_server(settings, quiet_redis_url, graphql=graphql) as url:
        yield url


@pytest.fixture(scope="module")
def prefer_url(settings: Settings, quiet_redis_url: str, manifest: Path) -> Iterator[str]:
    """A server that also allows other documents."""
    graphql: dict[str, object] = {"trusted_documents": "prefer", "trusted_documents_file": manifest}
    with configured_server.run_server(settings, quiet_redis_url, graphql=graphql) as url:
        yield url


async def execute(url: str, cast: Cast, body: dict[str, object], method: str = "POST") -> httpx.Response:
    async with httpx.AsyncClient(
        base_url=url, headers=cast.ada.headers, timeout=30, verify=tls.default_context()
    ) as client:
        if method == "POST":
            return await client.post("/graphql", json=body)
        parameters = {name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}
        return await client.get("/graphql", params=parameters)


def code(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["extensions"]["code"])


@pytest.mark.parametrize("tool", MANIFESTS)
def test_manifests_of_three_tools_are_loaded(tool: str, tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(MANIFESTS[tool]))
    found = trusted_documents.load(GraphQLSettings(trusted_documents="only", trusted_documents_file=path))
    for said in ({"documentId": NAMES[tool]}, apollo(ME), {"query": ME}, {"query": ME, **apollo(ME)}):
        assert found.resolve(said) == ME


@pytest.mark.parametrize("content", ["", "[]", "7", '{"a": 1}', '{"operations": [7]}', '{"operations": {}}'])
def test_an_invalid_manifest_is_an_error(content: str, tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"manifest of trusted documents .*manifest\.json"):
        trusted_documents.load(GraphQLSettings(trusted_documents="only", trusted_documents_file=path))


def test_a_mode_without_a_manifest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="TRUSTED_DOCUMENTS_FILE"):
        trusted_documents.load(GraphQLSettings(trusted_documents="prefer"))
    missing = GraphQLSettings(trusted_documents="prefer", trusted_documents_file=tmp_path / "none.json")
    with pytest.raises(ValueError, match="cannot be read"):
        trusted_documents.load(missing)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("body", CALLS.values(), ids=list(CALLS))
async def test_a_trusted_document_can_be_identified_by_id_hash_or_text(
    only_url: str, cast: Cast, body: dict[str, object], method: str
) -> None:
    answer = await execute(only_url, cast, body, method)
    assert answer.json() == {"data": {"viewer": {"id": cast.ada.user_id}}}


async def test_mode_only_rejects_other_documents(only_url: str, cast: Cast) -> None:
    for text in (OTHER, ME + " ", "{ __schema { types { name } } }", "{"):
        answer = await execute(only_url, cast, {"query": text})
        assert (answer.status_code, code(answer)) == (400, "DOCUMENT_NOT_TRUSTED")
    batch = await execute(only_url, cast, {"query": ME, "documentId": "me-by-md5", **apollo(OTHER)})
    assert code(batch) == "PERSISTED_QUERY_HASH_MISMATCH"


async def test_mode_prefer_allows_other_documents(prefer_url: str, cast: Cast) -> None:
    bodies: list[dict[str, object]] = [{"query": OTHER}, {"query": OTHER, **apollo(OTHER)}]
    for body in bodies:
        assert (await execute(prefer_url, cast, body)).json() == {"data": {"__typename": "Query"}}
    assert "errors" not in (await execute(prefer_url, cast, {"documentId": "me-by-md5"})).json()


async def test_an_unknown_hash_gets_the_error_of_the_apollo_protocol(
    server_url: str, prefer_url: str, cast: Cast
) -> None:
    unknown = await execute(prefer_url, cast, apollo(OTHER))
    assert (unknown.status_code, unknown.json()["errors"][0]["message"]) == (200, "PersistedQueryNotFound")
    assert code(unknown) == "PERSISTED_QUERY_NOT_FOUND"
    off = await execute(server_url, cast, apollo(ME))
    assert (off.status_code, off.json()["errors"][0]["message"]) == (200, "PersistedQueryNotSupported")
    mismatch = await execute(prefer_url, cast, {"query": ME, **apollo(OTHER)})
    assert (mismatch.status_code, code(mismatch)) == (400, "PERSISTED_QUERY_HASH_MISMATCH")
    nameless = await execute(server_url, cast, {"documentId": "me-by-md5"})
    assert code(nameless) == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_trusted_document_on_a_socket(only_url: str, cast: Cast) -> None:
    async with configured_server.open_socket(only_url, cast.ada.key) as connection, asyncio.timeout(DEADLINE_SECONDS):
        await configured_server.subscribe(connection, "1", documentId="me-by-md5")
        assert (await configured_server.receive(connection, "next"))["payload"] == {
            "data": {"viewer": {"id": cast.ada.user_id}}
        }
        await configured_server.subscribe(connection, "2", **apollo(WATCH), variables={"id": "mgen_0"})
        assert (await configured_server.receive(connection, "next"))["payload"]["errors"][0]["extensions"]["code"]
        await configured_server.subscribe(connection, "3", query=OTHER)
        refused = await configured_server.receive(connection, "error")
    assert (refused["id"], refused["payload"][0]["extensions"]["code"]) == ("3", "DOCUMENT_NOT_TRUSTED")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_trusted_document_in_a_stream(only_url: str, cast: Cast, method: str) -> None:
    async with httpx.AsyncClient(base_url=only_url, timeout=30, verify=tls.default_context()) as client:
        said: dict[str, object] = {"documentId": "watch-by-md5", "variables": {"id": "mgen_0"}}
        parameters = {"documentId": "watch-by-md5", "variables": '{"id": "mgen_0"}'}
        sent = {"json": said} if method == "POST" else {"params": parameters}
        headers = {**cast.ada.headers, "Accept": "text/event-stream"}
        answer = await client.request(method, "/graphql", headers=headers, **sent)
    assert "RESOURCE_NOT_FOUND" in answer.text
    assert answer.text.endswith("event: complete\ndata: \n\n")


async def test_the_documents_of_the_studio_page_are_trusted(only_url: str, cast: Cast) -> None:
    viewer = next(text for text in page_documents.documents() if "query Viewer" in text)
    assert (await execute(only_url, cast, {"query": viewer})).json()["data"]["viewer"]["id"] == cast.ada.user_id
    assert code(await execute(only_url, cast, {"query": f"{viewer} "})) == "DOCUMENT_NOT_TRUSTED"
