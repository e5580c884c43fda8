"""Violations of graphql-transport-ws close the socket with the protocol's close code."""

import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.support.graphql.websocket_violations import CONVERSATIONS, Conversation


@pytest.mark.parametrize("conversation", CONVERSATIONS.values(), ids=list(CONVERSATIONS))
async def test_a_violation_closes_the_socket_with_its_code(server_url: str, conversation: Conversation) -> None:
    url = server_url.replace("http", "ws") + "/graphql"
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket, asyncio.timeout(30):
        try:
            for frame in conversation.frames:
                await socket.send(frame)
            while True:
                await socket.recv()
        except ConnectionClosed:
            assert socket.close_code == conversation.code, socket.close_reason
