"""Search for the request that costs a server most CPU time per token of the rate limit, in GraphQL and REST.

``./studio test tests/e2e/abuse/test_cost_search.py --cost-examples 20000 --timeout 0 -s`` prints the dearest of many.
"""

import asyncio
import math
import sys
import time
from collections.abc import Coroutine, Mapping
from typing import Any, Final, NamedTuple, Self

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, target
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.network import tls
from resolvers.sharing import sharing
from storage.postgres.database import Database
from tests.support import large_collections
from tests.support.abusive_requests import ABUSE, Abuse
from tests.support.measured_server import MeasuredServer, measured_server
from tests.support.rest.abusive_requests import REST_ABUSE, RestAbuse
from tests.support.users import Cast

__all__ = ["measured_server"]

MAX_RATIO: Final = 25
"""CPU time of a request for each of its tokens, in plain queries of the same run."""
GRAMMARS: Final[Mapping[str, st.SearchStrategy[Any]]] = {"documents": ABUSE, "bodies and addresses": REST_ABUSE}
_IN_CI: Final = 200
_CHECKED: Final = 5
"""The dearest requests, which are measured again before one is a failure."""


class Finding(NamedTuple):
    ratio: float
    abuse: Abuse | RestAbuse


class Prober:
    """Sends requests one at a time and measures each."""

    def __init__(self, server: MeasuredServer, cast: Cast, token: str, node_id: str) -> None:
        self._server, self._token, self._node_id = server, token, node_id
        self._organization_id = cast.ada.organization_id
        headers = {"Accept": "application/graphql-response+json"}
        self._anonymous = httpx.Client(base_url=server.url, headers=headers, timeout=60, verify=tls.default_context())
        self._known = httpx.Client(
            base_url=server.url, headers={**headers, **cast.ada.headers}, timeout=60, verify=tls.default_context()
        )
        self._tokens_left: dict[httpx.Client, int] = {}
        for _ in range(20):
            self._measure_plain()
        self.plain = sum(self._measure_plain() for _ in range(200)) / 200

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._anonymous.close()
        self._known.close()

    def _measure_plain(self) -> float:
        before = self._server.cpu_seconds()
        self._known.post("/graphql", json={"query": "{ viewer { id } }"})
        return self._server.cpu_seconds() - before

    def measure(self, abuse: Abuse | RestAbuse) -> float:
        """Return the cost of one request for each token, in plain queries."""
        client = self._anonymous if abuse.is_anonymous else self._known
        request = client.build_request(**self._render(abuse))
        # all documents of a client take from one bucket, while files are charged to its address
        known = None if isinstance(abuse, RestAbuse) else self._tokens_left.get(client)
        before_tokens = known or self._count_tokens(client)
        before = self._server.cpu_seconds()
        answer = client.send(request)
        spent = self._server.cpu_seconds() - before
        assert answer.status_code < 500, answer.text
        left = int(answer.headers.get("X-RateLimit-Remaining", before_tokens))
        self._tokens_left[client] = left
        return spent / self.plain / max(before_tokens - left, 1)

    def _render(self, abuse: Abuse | RestAbuse) -> dict[str, Any]:
        if isinstance(abuse, RestAbuse):
            return abuse.render(self._organization_id, self._token, self._node_id)
        body = abuse.render(self._token, self._node_id)
        if abuse.by_get and len(body["query"]) < 4_000:
            return {"method": "GET", "url": "/graphql", "params": {"query": body["query"]}}
        return {"method": "POST", "url": "/graphql", "json": body}

    def _count_tokens(self, client: httpx.Client) -> int:
        return int(client.post("/graphql", json={"query": "{ __typename }"}).headers["X-RateLimit-Remaining"])


async def share_collection(server: MeasuredServer, database: Database, cast: Cast, count: int) -> tuple[str, str]:
    """Share a collection of this many tracks; return the token of the link and the id of the collection."""
    url = f"/v1/music/{cast.ada.organization_id}/collections"
    made = (await server.client.post(url, json={"name": "Long"})).json()["id"]
    await large_collections.fill(database, cast.ada, made, count)
    link = (await server.client.post(f"{url}/{made}/share")).json()
    return link["token"], made


@pytest.mark.parametrize("grammar", GRAMMARS)
async def test_no_request_costs_more_than_25_plain_queries_a_token(
    measured_server: MeasuredServer, database: Database, cast: Cast, pytestconfig: pytest.Config, grammar: str
) -> None:
    token, node_id = await share_collection(measured_server, database, cast, 200)
    examples = pytestconfig.getoption("--cost-examples")
    with Prober(measured_server, cast, token, node_id) as prober:
        await asyncio.to_thread(search, prober, GRAMMARS[grammar], examples)


def search(prober: Prober, grammar: st.SearchStrategy[Any], examples: int) -> None:
    findings: list[Finding] = []
    started = time.monotonic()

    @hypothesis_settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples == _IN_CI,
        phases=[Phase.generate, Phase.target],
        suppress_health_check=list(HealthCheck),
    )
    @given(abuse=grammar)
    def probe(abuse: Abuse | RestAbuse) -> None:
        ratio = prober.measure(abuse)
        findings.append(Finding(ratio, abuse))
        target(ratio)

    probe()
    dearest = sorted(findings, key=lambda finding: -finding.ratio)[:_CHECKED]
    checked = [Finding(min(prober.measure(abuse) for _ in range(3)), abuse) for _, abuse in dearest]
    sys.stdout.write(f"{len(findings)} requests in {time.monotonic() - started:.0f} s; ")
    sys.stdout.write(f"a plain query: {prober.plain * 1000:.2f} ms\n")
    for finding in checked:
        sys.stdout.write(f"{finding.ratio:6.1f} plain queries a token  {finding.abuse}\n")
    assert len(findings) >= examples
    assert [finding for finding in checked if finding.ratio > MAX_RATIO] == []


@pytest.mark.parametrize("count", [100, 2_000, 10_000])
async def test_a_shared_collection_costs_less_than_25_plain_queries_a_token(
    measured_server: MeasuredServer, database: Database, cast: Cast, pytestconfig: pytest.Config, count: int
) -> None:
    # nothing is asserted of the waits: the suite does not measure them
    runs = 0 if pytestconfig.getoption("--cost-examples") == _IN_CI else 5
    token, made = await share_collection(measured_server, database, cast, count)
    with Prober(measured_server, cast, token, made) as prober:
        plain = prober.plain
    tokens = 1 + count // sharing.TRACKS_PER_TOKEN
    for accept in ("application/json", "text/html"):
        costs = [await open_link(measured_server, token, accept) for _ in range(3)]
        waits = [await longest_wait(measured_server, open_link(measured_server, token, accept)) for _ in range(runs)]
        sys.stdout.write(
            f"{accept} of {count} tracks: {min(costs) * 1000:.0f} ms, {min(costs) / plain / tokens:.1f} plain queries "
            f"a token; another request waits for {min(waits, default=math.nan) * 1000:.0f} ms at most\n"
        )
        assert min(costs) / plain / (tokens if accept == "application/json" else 1) <= MAX_RATIO


async def longest_wait(server: MeasuredServer, work: Coroutine[Any, Any, object]) -> float:
    """Return the seconds of the slowest of many small requests while this one is served."""
    serving, waits = asyncio.create_task(work), []
    async with httpx.AsyncClient(base_url=server.url, timeout=100, verify=tls.default_context()) as client:
        await client.get("/healthz")
        while not serving.done():
            started = time.monotonic()
            await client.get("/healthz")
            waits.append(time.monotonic() - started)
    await serving
    return max(waits, default=0.0)


async def open_link(server: MeasuredServer, token: str, accept: str) -> float:
    before = server.cpu_seconds()
    answer = await server.client.get(f"/v1/music/shared/{token}", headers={"Accept": accept})
    assert answer.status_code == 200
    return server.cpu_seconds() - before
