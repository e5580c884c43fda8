"""CPU time that each abusive request costs a server, compared with a plain query in the same run.

``./studio test tests/e2e/abuse/test_cpu_cost.py -s`` prints the table.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.support.graphql.expensive_documents import DOCUMENTS, Document
from tests.support.graphql.websocket_violations import CONVERSATIONS, Conversation
from tests.support.measured_server import MeasuredServer, measured_server
from tests.support.rest.malformed_bodies import BODIES, Body
from tests.support.users import Cast

__all__ = ["measured_server"]

PLAIN: Final = Document("{ viewer { id } }", None)
MAX_RATIO: Final = 25
"""Limit on the cost of an item, in plain queries."""

REPETITIONS: Final = 3

REST_BODIES: Final = [
    ("sixty thousand unknown fields", "/collections", {f"field{number}": 1 for number in range(60_000)}),
    ("sixty thousand tags", "/generations", {"prompt": "x", "style_tags": ["x"] * 60_000}),
    ("sixty thousand numbers as tags", "/generations", {"prompt": "x", "style_tags": [1] * 60_000}),
    ("a prompt of half a million signs", "/generations", {"prompt": "\u33c7" * 300_000}),
    ("a name of half a million signs", "/collections", {"name": "n" * 500_000}),
    ("a list of lists", "/generations", {"prompt": [[[]] * 1_000] * 100}),
]


async def execute(server: MeasuredServer, document: Document) -> None:
    answer = await server.client.post("/graphql", json={"query": document.text, "variables": document.variables})
    assert answer.status_code < 500


async def send(server: MeasuredServer, body: Body) -> None:
    headers = dict(body.headers)
    if body.content_type is not None:
        headers["Content-Type"] = body.content_type
    answer = await server.client.post("/graphql", content=body.content, headers=headers)
    assert answer.status_code == body.status


async def request(server: MeasuredServer, method: str, path: str, body: object) -> None:
    answer = await server.client.request(method, path, json=body)
    assert answer.status_code < 500


async def converse(server: MeasuredServer, conversation: Conversation) -> None:
    address = server.url.replace("http", "ws") + "/graphql"
    async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket, asyncio.timeout(60):
        try:
            for frame in conversation.frames:
                await socket.send(frame)
            while True:
                await socket.recv()
        except ConnectionClosed:
            assert socket.close_code == conversation.code


async def test_no_abusive_request_costs_more_than_25_plain_queries(measured_server: MeasuredServer, cast: Cast) -> None:
    server = measured_server
    await server.cost(partial(execute, server, PLAIN), 20)
    plain = await server.cost(partial(execute, server, PLAIN), 100)
    calls: dict[str, Callable[[], Awaitable[None]]] = {}
    calls |= {f"document: {name}": partial(execute, server, document) for name, document in DOCUMENTS.items()}
    calls |= {f"body: {name}": partial(send, server, body) for name, body in BODIES.items()}
    calls |= {
        f"socket: {name}": partial(converse, server, conversation) for name, conversation in CONVERSATIONS.items()
    }
    rest = f"/v1/music/{cast.ada.organization_id}"
    calls |= {f"REST: {name}": partial(request, server, "POST", rest + path, body) for name, path, body in REST_BODIES}
    costs = {name: await server.cost(call, REPETITIONS) for name, call in calls.items()}
    sys.stdout.write(f"a plain query: {plain:.1f} ms\n")
    for name, cost in sorted(costs.items(), key=lambda item: -item[1])[:25]:
        sys.stdout.write(f"{cost:7.1f} ms {cost / plain:6.1f}  {name}\n")
    assert plain > 0
    assert {name: cost for name, cost in costs.items() if cost > MAX_RATIO * plain} == {}
    assert len(DOCUMENTS) >= 17
    assert len(BODIES) >= 19
    assert len(CONVERSATIONS) >= 25
