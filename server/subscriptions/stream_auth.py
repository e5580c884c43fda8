"""Subscriptions over plain HTTP, while whoever asked for them may: then a last word, and the end."""

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
    """The results, until the connection is ended; then the reason as the last one."""
    # one at a time, for a client that reads slowly
    ready: asyncio.Queue[Any] = asyncio.Queue(1)
    news = asyncio.Event()

    async def pump() -> None:
        async for result in results:
            await ready.put(result)
            news.set()

    pumping = asyncio.create_task(pump())
    pumping.add_done_callback(lambda _: news.set())

    def hang_up(_: CloseReason) -> None:
        pumping.cancel()

    connection.on_close = hang_up
    try:
        while not (pumping.done() and ready.empty()):
            if ready.empty():
                news.clear()
                await news.wait()
            else:
                yield ready.get_nowait()
        if connection.close_reason is not None:
            yield _closing_result(connection.close_reason)
        else:
            pumping.result()
    finally:
        pumping.cancel()
        with suppress(asyncio.CancelledError):
            await pumping


def _closing_result(ending: CloseReason) -> ExecutionResult:
    refusal = Unauthenticated(ending.error_reason) if ending.error_reason else Unauthenticated()
    code = refusal.reason.value
    logs.report_error_code(code)
    error = GraphQLError(refusal.message, extensions={"code": code, "traceId": logs.trace_id.get()})
    return ExecutionResult(data=None, errors=[error])
