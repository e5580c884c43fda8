"""The head of a response is written together with the first part of its body."""

import asyncio
from collections.abc import Iterable

from server.asgi_server.response_transport import ResponseTransport


class RecordingTransport(asyncio.Transport):
    """Records each write as one item."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(list_of_data))

    def close(self) -> None:
        self.writes.append(b"closed")


async def test_the_head_is_written_with_the_first_part_of_the_body() -> None:
    connection = RecordingTransport()
    responses = ResponseTransport(connection, asyncio.get_running_loop())
    for part in (b"head ", b"body", b"more"):
        responses.write(part)
    responses.end_response()
    for part in (b"next head ", b"next body"):
        responses.write(part)
    await asyncio.sleep(0)
    assert connection.writes == [b"head body", b"more", b"next head next body"]


async def test_a_head_does_not_wait_for_a_later_body() -> None:
    connection = RecordingTransport()
    responses = ResponseTransport(connection, asyncio.get_running_loop())
    responses.write(b"head")
    await asyncio.sleep(0)
    assert connection.writes == [b"head"]
    responses.write(b"event")
    assert connection.writes == [b"head", b"event"]


async def test_a_head_without_a_body_is_written_at_the_end_of_the_response_or_connection() -> None:
    connection = RecordingTransport()
    responses = ResponseTransport(connection, asyncio.get_running_loop())
    responses.write(b"first")
    responses.end_response()
    responses.write(b"second")
    responses.close()
    assert connection.writes == [b"first", b"second", b"closed"]
