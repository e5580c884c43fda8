"""Batch concurrent calls: those that arrive while a batch is in flight share the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
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

    @property
    def is_idle(self) -> bool:
        """Whether no call is waiting."""
        return not self._pending and (self._task is None or self._task.done())

    async def finish(self) -> None:
        """Wait until the batches in flight have ended, whose callers may have been cancelled."""
        while self._task is not None and not self._task.done():
            await asyncio.wait([self._task])

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


class GroupedBatcher(Generic[Key, Value]):
    """A ``Batcher`` for each group of keys: a slow batch of one group delays no other group."""

    def __init__(self, load_many: Callable[[list[Key]], Awaitable[list[Value]]], max_size: int) -> None:
        self._load_many, self._max_size = load_many, max_size
        self._batchers: dict[Hashable, Batcher[Key, Value]] = {}

    async def load(self, group: Hashable, key: Key) -> Value:
        """Return the value of one key of a group."""
        batcher = self._batchers.get(group)
        if batcher is None:
            batcher = self._batchers[group] = Batcher(self._load_many, self._max_size)
        try:
            return await batcher.load(key)
        finally:
            if batcher.is_idle and self._batchers.get(group) is batcher:
                del self._batchers[group]


def _fail(futures: "list[asyncio.Future[Value]]", error: BaseException) -> None:
    for future in futures:
        if future.done():
            continue
        if isinstance(error, asyncio.CancelledError):
            future.cancel()
        else:
            future.set_exception(error)
