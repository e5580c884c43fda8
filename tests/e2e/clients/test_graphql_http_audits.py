"""The audits of the graphql-http reference implementation pass."""

import json
from typing import Final

import pytest

from tests.support.processes.node_clients import Clients

pytestmark = pytest.mark.timeout(600)

AUDITS: Final = 61


async def test_every_graphql_over_http_audit_passes(clients: Clients, server_url: str) -> None:
    results = json.loads(clients.run("graphql-http.mjs", STUDIO_URL=server_url))
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == AUDITS
