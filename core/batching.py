"""Batch concurrent lookups: calls that arrive while a batch is in flight share the next one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Batcher(Generic[Key, Value]):
    """Load values in batches: ``load_many`` returns one value for each key, in the order of the keys.

    Values are not cached: each is loaded after its ``load`` began. An error of ``load_many`` is raised in every
    caller of the batch.
    """

    def __init__(self, load_many: Callable[[list[Key]], Awaitable[list[Value]]], max_size: int = 100) -> None:
        self._load_many, self._max_size = load_many, max_size
        self._pending: list[tuple[Key, asyncio.Future[Value]]] = []
        self._task: asyncio.Task[None] | None = None

    async def load(self, key: Key) -> Value:
        """Return the value of one key."""
        future: asyncio.Future[Value] = asyncio.get_running_loop().create_future()
        self._pending.append((key, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._load_pending())
        return await future

    async def _load_pending(self) -> None:
        while self._pending:
            batch, self._pending = self._pending[: self._max_size], self._pending[self._max_size :]
            try:
                values = await self._load_many([key for key, _ in batch])
            except BaseException as error:
                _fail([future for _, future in batch], error)
                if not isinstance(error, Exception):
                    raise
            else:
                for (_, future), value in zip(batch, values, strict=True):
                    if not future.done():
                        future.set_result(value)


def _fail(futures: "list[asyncio.Future[Value]]", error: BaseException) -> None:
    for future in futures:
        if future.done():
            continue
        if isinstance(error, asyncio.CancelledError):
            future.cancel()
        else:
            future.set_exception(error)
