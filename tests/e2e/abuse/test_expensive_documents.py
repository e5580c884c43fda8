"""Expensive documents are refused with their error code over each transport."""

import asyncio

import httpx
import pytest

from tests.support.graphql.expensive_documents import DOCUMENTS, Document
from tests.support.processes import configured_server
from tests.support.users import Cast


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=list(DOCUMENTS))
async def test_an_expensive_document_is_refused_with_its_code(
    client: httpx.AsyncClient, cast: Cast, document: Document
) -> None:
    body = {"query": document.text, "variables": document.variables}
    for accept in ("application/graphql-response+json", "text/event-stream"):
        answer = await client.post("/graphql", json=body, headers={**cast.ada.headers, "Accept": accept})
        assert answer.status_code < 500
        assert f'"code":"{document.code}"' in answer.text
        assert '"data":{' not in answer.text


async def test_a_socket_stays_open_after_documents_that_are_too_large(server_url: str, cast: Cast) -> None:
    async with configured_server.open_socket(server_url, cast.ada.key) as connection, asyncio.timeout(60):
        for number, document in enumerate(DOCUMENTS.values()):
            if document.code == "DOCUMENT_TOO_LARGE" and len(document.text) < 200_000:
                variables = None if document.variables is None else {"n": 1_000_000, "ids": ["x"] * 25_000}
                await configured_server.subscribe(connection, str(number), query=document.text, variables=variables)
                refused = await configured_server.receive(connection, "error")
                assert refused["id"] == str(number)
                assert refused["payload"][0]["extensions"]["code"] == document.code
        await configured_server.subscribe(connection, "last", query="{ __typename }")
        assert (await configured_server.receive(connection, "complete"))["id"] == "last"
