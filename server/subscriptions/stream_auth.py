"""End an HTTP stream when its connection is closed, for example because its credentials were revoked."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from typing import Any

from graphql import GraphQLError
from strawberry.types import ExecutionResult

from core import logs
from core.errors import Unauthenticated
from server.subscriptions.connection_registry import CloseReason, Connection


async def until_closed(results: AsyncIterable[Any], connection: Connection) -> AsyncIterator[Any]:
    """Yield the results until the connection is closed, then an error with the reason."""
    # one result at a time: a slow client must not fill the memory
    queue: asyncio.Queue[Any] = asyncio.Queue(1)
    changed = asyncio.Event()

    async def read_results() -> None:
        async for result in results:
            await queue.put(result)
            changed.set()

    reader = asyncio.create_task(read_results())
    reader.add_done_callback(lambda _: changed.set())
    connection.on_close = lambda _: reader.cancel()
    try:
        while not (reader.done() and queue.empty()):
            if queue.empty():
                changed.clear()
                await changed.wait()
            else:
                yield queue.get_nowait()
        if connection.close_reason is not None:
            yield _error_result(connection.close_reason)
        else:
            reader.result()
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader


def _error_result(reason: CloseReason) -> ExecutionResult:
    refusal = Unauthenticated(reason.error_reason) if reason.error_reason else Unauthenticated()
    code = refusal.reason.value
    logs.report_error_code(code)
    error = GraphQLError(refusal.message, extensions={"code": code, "traceId": logs.trace_id.get()})
    return ExecutionResult(data=None, errors=[error])
