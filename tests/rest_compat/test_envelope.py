import asyncio
import codecs
import json
from collections.abc import AsyncIterator

import pytest

from core.jobs import Status
from core.settings import Settings
from storage.postgres.database import Database
from tests.support import factories
from tests.support.rest.client import Contract
from tests.support.users import Cast


@pytest.mark.parametrize(
    "path",
    [
        "/v1/music",
        "/v1/music/",
        "/v1",
        "/nowhere",
        "/v1/music/org_1/engines/",
        "/v1/music/org_1/nothing",
        "/v2/music/x",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT", "PATCH"])
async def test_an_unknown_route_returns_404(rest: Contract, cast: Cast, method: str, path: str) -> None:
    answer = await rest.send(method, path, headers=cast.ada.headers)
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["code"], error["type"], error["details"]) == ("RESOURCE_NOT_FOUND", "client_error", {})
    assert error["message"] == "The requested resource could not be found."


@pytest.mark.parametrize(
    ("operation", "method", "allowed"),
    [
        ("engines", "POST", {"GET", "HEAD"}),
        ("engines", "DELETE", {"GET", "HEAD"}),
        ("create-generation", "PUT", {"GET", "HEAD", "POST"}),
        ("create-generation", "PATCH", {"GET", "HEAD", "POST"}),
        ("get-generation", "DELETE", {"GET", "HEAD"}),
        ("cancel-generation", "GET", {"POST"}),
        ("cancel-generation", "HEAD", {"POST"}),
        ("engines", "TRACE", {"GET", "HEAD"}),
        ("engines", "QUERY", {"GET", "HEAD"}),
    ],
)
async def test_a_wrong_method_returns_405_with_the_allowed_methods(
    rest: Contract, cast: Cast, operation: str, method: str, allowed: set[str]
) -> None:
    url = rest.url(operation, cast.ada, job_id="mgen_000000000000")
    answer = await rest.send(method, url, headers=cast.ada.headers)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed
    if method != "HEAD":
        error = answer.json()["error"]
        assert (error["code"], error["type"], error["details"]) == ("METHOD_NOT_ALLOWED", "client_error", {})


@pytest.mark.parametrize("operation", ["engines", "list-generations"])
async def test_head_returns_the_headers_of_get_without_a_body(rest: Contract, cast: Cast, operation: str) -> None:
    url = rest.url(operation, cast.ada)
    head = await rest.send("HEAD", url, headers=cast.ada.headers)
    get = await rest.send("GET", url, headers=cast.ada.headers)
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"{'engine': 'studio'}",
        b'{"engine": "studio",}',
        b'{"engine": NaN}',
        b'{"prompt": "\xff\xfe"}',
        b'{"prompt": "\xed\xa0\x80"}',
        b'{"prompt": "\\ud800"}',
        b'{"prompt": "a\x00b"}',
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
        b"{}\xef\xbb\xbf",
        b"{}{}",
        b"1e999",
        b'{"duration_seconds": 1' + b"0" * 400 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        "{}".encode("utf-16"),
        b"engine=studio",
    ],
    ids=lambda content: ascii(content[:24]),
)
async def test_a_body_that_is_not_json_returns_400(
    rest: Contract, cast: Cast, database: Database, content: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await rest.call("create-generation", cast.ada, content=content, headers=headers)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["type"], error["details"]) == ("BAD_REQUEST", "client_error", {})
    assert await factories.count_generations(database) == 0


@pytest.mark.parametrize(
    "content", [b"[" + b"[]," * 60_000 + b"1]", b'{"name":"x"' + b',"a":{}' * 60_000 + b"}"], ids=range(2)
)
async def test_json_of_too_many_values_returns_413(rest: Contract, cast: Cast, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await rest.call("create-generation", cast.ada, content=content, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert answer.json()["error"]["system_message"] == "JSON has more than 50000 values"


async def test_a_byte_order_mark_before_json_is_ignored(rest: Contract, cast: Cast) -> None:
    content = codecs.BOM_UTF8 + json.dumps(factories.generation_body()).encode()
    headers = {"Content-Type": "application/json"}
    assert (await rest.call("create-generation", cast.ada, content=content, headers=headers)).status_code == 202


@pytest.mark.parametrize(
    "content", [b"null", b"true", b"0", b"-1.5e300", b'"text"', b"[]", b"[{}]", b"[" * 50 + b"]" * 50]
)
async def test_json_that_is_not_an_object_returns_422(rest: Contract, cast: Cast, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await rest.call("create-generation", cast.ada, content=content, headers=headers)
    assert answer.status_code == 422
    problems = answer.json()["error"]["details"]["errors"]
    assert problems == [{"field": "", "message": "The body must be a JSON object."}]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json", "*/*"],
)
async def test_a_body_of_another_content_type_returns_415(
    rest: Contract, cast: Cast, database: Database, content_type: str
) -> None:
    content = json.dumps(factories.generation_body()).encode()
    headers = {"Content-Type": content_type}
    answer = await rest.call("create-generation", cast.ada, content=content, headers=headers)
    assert answer.status_code == 415
    error = answer.json()["error"]
    assert (error["code"], error["type"], error["details"]) == ("UNSUPPORTED_MEDIA_TYPE", "client_error", {})
    assert await factories.count_generations(database) == 0


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.x+json"],
)
async def test_all_json_content_types_are_accepted(rest: Contract, cast: Cast, content_type: str) -> None:
    content = json.dumps(factories.generation_body()).encode()
    headers = {"Content-Type": content_type}
    answer = await rest.call("create-generation", cast.ada, content=content, headers=headers)
    assert answer.status_code == 202


async def test_a_body_without_a_content_type_is_parsed_as_json(rest: Contract, cast: Cast) -> None:
    content = json.dumps(factories.generation_body()).encode()
    assert (await rest.call("create-generation", cast.ada, content=content)).status_code == 202


async def test_a_body_over_the_limit_returns_413(
    rest: Contract, cast: Cast, database: Database, settings: Settings
) -> None:
    content = b" " * (settings.server.max_body_bytes + 1)
    headers = {"Content-Type": "application/json"}
    answer = await rest.call("create-generation", cast.ada, content=content, headers=headers)
    assert answer.status_code == 413
    error = answer.json()["error"]
    assert (error["code"], error["type"], error["details"]) == ("PAYLOAD_TOO_LARGE", "client_error", {})
    assert await factories.count_generations(database) == 0


async def test_a_large_body_of_an_operation_without_a_body_returns_413(
    rest: Contract, cast: Cast, database: Database, settings: Settings
) -> None:
    job_id = await factories.put_generation(database, cast.ada, Status.QUEUED)
    content = b" " * (settings.server.max_body_bytes + 1)
    answer = await rest.call("cancel-generation", cast.ada, path={"job_id": job_id}, content=content)
    assert answer.status_code == 413
    assert (await rest.call("get-generation", cast.ada, path={"job_id": job_id})).json()["status"] == "queued"


async def test_a_large_chunked_body_returns_413(rest: Contract, cast: Cast, settings: Settings) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(settings.server.max_body_bytes // 65_536 + 1):
            yield b" " * 65_536

    headers = {"Content-Type": "application/json"}
    answer = await rest.call("create-generation", cast.ada, content=pieces(), headers=headers)
    assert answer.status_code == 413


async def test_a_body_at_the_limit_is_accepted(rest: Contract, cast: Cast, settings: Settings) -> None:
    content = json.dumps(factories.generation_body()).encode()
    content += b" " * (settings.server.max_body_bytes - len(content))
    headers = {"Content-Type": "application/json"}
    assert (await rest.call("create-generation", cast.ada, content=content, headers=headers)).status_code == 202


async def test_every_response_has_a_unique_request_id(rest: Contract, cast: Cast) -> None:
    answers = [await rest.call("engines", cast.ada) for _ in range(5)]
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 5


async def test_the_request_id_of_the_caller_is_ignored(rest: Contract, cast: Cast) -> None:
    answer = await rest.call("engines", cast.ada, headers={"X-Request-Id": "req_mine"})
    assert answer.headers["X-Request-Id"] != "req_mine"


async def test_a_crash_is_masked_and_keeps_its_trace_id(rest: Contract, cast: Cast, database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE generations RENAME TO generations_gone")
    try:
        answer = await rest.call("list-generations", cast.ada)
    finally:
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE generations_gone RENAME TO generations")
    assert answer.status_code == 500
    error = answer.json()["error"]
    assert (error["code"], error["type"], error["details"]) == ("INTERNAL_ERROR", "server_error", {})
    assert (await rest.call("list-generations", cast.ada)).status_code == 200


@pytest.mark.parametrize("operation", ["engines", "list-generations"])
async def test_an_unknown_query_parameter_is_ignored(rest: Contract, cast: Cast, operation: str) -> None:
    answer = await rest.call(operation, cast.ada, params={"colour": "blue", "Limit": "0"})
    assert answer.status_code == 200


async def test_concurrent_errors_have_their_own_request_ids(rest: Contract, cast: Cast) -> None:
    paths = [f"mgen_{number:012x}" for number in range(30)]
    answers = await asyncio.gather(
        *(rest.call("get-generation", cast.ada, path={"job_id": job_id}) for job_id in paths)
    )
    assert [answer.json()["error"]["details"]["job_id"] for answer in answers] == paths
    assert len({answer.json()["error"]["trace_id"] for answer in answers}) == 30
