"""Batch concurrent calls: those that arrive while a batch is in flight share the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Generic, TypeVar, cast

Key = TypeVar("Key")
Value = TypeVar("Value")


class Batcher(Generic[Key, Value]):
    """Load values in batches: ``load_many`` returns one value for each key, in the order of the keys.

    Up to ``max_batches`` batches are in flight at a time. Values are not cached: each is loaded after its ``load``
    began. An error of ``load_many`` is raised in every caller of the batch.
    """

    def __init__(
        self, load_many: Callable[[list[Key]], Awaitable[list[Value]]], *, max_size: int = 100, max_batches: int = 1
    ) -> None:
        self._load_many, self._max_size, self._max_batches = load_many, max_size, max_batches
        self._pending: list[tuple[Key, asyncio.Future[Value]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def load(self, key: Key) -> Value:
        """Return the value of one key."""
        future: asyncio.Future[Value] = asyncio.get_running_loop().create_future()
        self._pending.append((key, future))
        if len(self._tasks) < self._max_batches:
            self._tasks.add(asyncio.create_task(self._load_pending()))
        return await future

    @property
    def is_idle(self) -> bool:
        """Whether no call is waiting."""
        return not self._pending and not self._tasks

    async def finish(self) -> None:
        """Wait until the batches in flight have ended, whose callers may have been cancelled."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _load_pending(self) -> None:
        try:
            while self._pending:
                batch, self._pending = self._pending[: self._max_size], self._pending[self._max_size :]
                with _errors_raised_in(batch):
                    _resolve(batch, await self._load_many([key for key, _ in batch]))
        finally:
            # not when the task is done: a call before that would find neither a free place nor a batch that takes it
            self._tasks.remove(cast("asyncio.Task[None]", asyncio.current_task()))


class GroupedBatcher(Generic[Key, Value]):
    """A ``Batcher`` for each group of keys: a slow batch of one group delays no other group."""

    def __init__(
        self, load_many: Callable[[list[Key]], Awaitable[list[Value]]], *, max_size: int, max_batches: int = 1
    ) -> None:
        self._create = partial(Batcher[Key, Value], load_many, max_size=max_size, max_batches=max_batches)
        self._batchers: dict[Hashable, Batcher[Key, Value]] = {}

    async def load(self, group: Hashable, key: Key) -> Value:
        """Return the value of one key of a group."""
        batcher = self._batchers.get(group)
        if batcher is None:
            batcher = self._batchers[group] = self._create()
        try:
            return await batcher.load(key)
        finally:
            if batcher.is_idle and self._batchers.get(group) is batcher:
                del self._batchers[group]


class FairBatcher(Generic[Key, Value]):
    """A batcher that loads keys of several groups together, with a bounded share for each.

    ``load_many`` takes the keys of each group of a batch and returns their values, or None for a group that must be
    loaded by ``load_group``. Meanwhile the later keys of that group wait, and those of other groups do not.
    """

    def __init__(
        self,
        load_many: Callable[[list[list[Key]]], Awaitable[list[list[Value] | None]]],
        load_group: Callable[[list[Key]], Awaitable[list[Value]]],
        *,
        max_groups: int,
        max_size: int,
    ) -> None:
        self._load_many, self._load_group = load_many, load_group
        self._max_groups, self._max_size = max_groups, max_size
        self._pending: dict[Hashable, _Calls[Key, Value]] = {}
        self._alone: dict[Hashable, asyncio.Task[None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def load(self, group: Hashable, key: Key) -> Value:
        """Return the value of one key of a group."""
        future: asyncio.Future[Value] = asyncio.get_running_loop().create_future()
        self._pending.setdefault(group, []).append((key, future))
        self._start()
        return await future

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._load_pending())

    async def _load_pending(self) -> None:
        while batch := self._take_batch():
            with _errors_raised_in([call for calls in batch.values() for call in calls]):
                loaded = await self._load_many([[key for key, _ in calls] for calls in batch.values()])
                for (group, calls), values in zip(batch.items(), loaded, strict=True):
                    if values is None:
                        self._alone[group] = asyncio.create_task(self._load_alone(group, calls))
                    else:
                        _resolve(calls, values)

    async def _load_alone(self, group: Hashable, calls: "_Calls[Key, Value]") -> None:
        with _errors_raised_in(calls):
            _resolve(calls, await self._load_group([key for key, _ in calls]))
        del self._alone[group]
        self._start()

    def _take_batch(self) -> "dict[Hashable, _Calls[Key, Value]]":
        ready = islice((group for group in self._pending if group not in self._alone), self._max_groups)
        batch = {group: self._pending.pop(group) for group in list(ready)}
        for group, calls in batch.items():
            if len(calls) > self._max_size:
                # behind the other groups
                self._pending[group] = calls[self._max_size :]
        return {group: calls[: self._max_size] for group, calls in batch.items()}


_Calls = list[tuple[Key, "asyncio.Future[Value]"]]


def _resolve(calls: "_Calls[Key, Value]", values: list[Value]) -> None:
    for (_, future), value in zip(calls, values, strict=True):
        if not future.done():
            future.set_result(value)


@contextmanager
def _errors_raised_in(calls: "_Calls[Key, Value]") -> Iterator[None]:
    """Raise an exception of the body in the callers, and only the end of the process here as well."""
    try:
        yield
    except BaseException as error:
        for _, future in calls:
            if future.done():
                continue
            if isinstance(error, asyncio.CancelledError):
                future.cancel()
            else:
                future.set_exception(error)
        if not isinstance(error, Exception):
            raise
