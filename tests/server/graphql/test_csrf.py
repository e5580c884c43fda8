"""Cross-site request forgery: requests from pages of other origins are rejected."""

import httpx
import pytest

from server import request_origin
from tests.support.users import Cast

QUERY = {"query": "{ __typename }"}


@pytest.mark.parametrize(
    ("headers", "is_foreign"),
    [
        ({}, False),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "cross-site", "origin": "https://app.example.org"}, False),
        ({"origin": "https://evil.example"}, True),
        ({"origin": "null"}, True),
        ({"origin": "http://studio.example"}, False),
    ],
)
def test_cross_origin_requests_are_detected(headers: dict[str, str], is_foreign: bool) -> None:  # noqa: FBT001
    request_headers = {**headers, "host": "studio.example"}
    assert request_origin.is_cross_origin(request_headers, {"https://app.example.org"}) is is_foreign
    assert not request_origin.is_cross_origin(request_headers, {"*"})


async def test_a_cross_origin_get_is_rejected(client: httpx.AsyncClient, cast: Cast) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", **cast.ada.headers}
    refused = await client.get("/graphql", params=QUERY, headers=foreign)
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "ORIGIN_NOT_ALLOWED")
    allowed = {**foreign, "Origin": "https://app.example.org", "Sec-Fetch-Mode": "cors"}
    assert (await client.get("/graphql", params=QUERY, headers=allowed)).json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
async def test_a_body_that_needs_no_preflight_is_rejected(client: httpx.AsyncClient, cast: Cast, kind: str) -> None:
    headers = {**cast.ada.headers, "Content-Type": kind, "Origin": "https://evil.example"}
    answer = await client.post("/graphql", content=b'{"query": "{ __typename }"}', headers=headers)
    assert answer.status_code == 415


async def test_a_preflight_allows_configured_origins_only(client: httpx.AsyncClient) -> None:
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    allowed = await client.options("/graphql", headers={**preflight, "Origin": "https://app.example.org"})
    assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (200, "https://app.example.org")
    refused = await client.options("/graphql", headers={**preflight, "Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in refused.headers
