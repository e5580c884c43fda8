"""Whatever is said over a socket, it is closed with the protocol's code, never by a crash."""

import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.support.websocket_violations import CONVERSATIONS, Conversation


@pytest.mark.parametrize("conversation", CONVERSATIONS.values(), ids=list(CONVERSATIONS))
async def test_a_malformed_conversation_ends_with_its_code(server_url: str, conversation: Conversation) -> None:
    url = server_url.replace("http", "ws") + "/graphql"
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket, asyncio.timeout(30):
        try:
            for frame in conversation.frames:
                await socket.send(frame)
            while True:
                await socket.recv()
        except ConnectionClosed:
            assert socket.close_code == conversation.code, socket.close_reason
