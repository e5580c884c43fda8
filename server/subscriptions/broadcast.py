"""Share subscriptions between WebSockets: each event is executed and encoded once for all subscribers.

A broadcast runs one live execution. A new subscriber first receives the current state, or the events that it missed,
from a catch-up execution, which it shares with those that join at the same time. Once it has received the event that
the live execution had reached when it joined, it receives the live events. So each subscriber receives all events in
ascending order of their sequence numbers.
"""

import asyncio
import contextvars
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, Final

import orjson
import strawberry
from graphql import GraphQLError
from strawberry.types.execution import ExecutionResult, PreExecutionError

from core import ids, logs
from resolvers.access.context import Context
from schema.runtime.context import GraphQLContext
from server.subscriptions.dedup_key import Resume, SubscriptionKey
from server.subscriptions.subscriber import COMPLETE, Frame, Subscriber

_YIELD_EVERY: Final = 256
"""Subscribers to send an event to before other tasks of the event loop run."""


class BroadcastRegistry:
    """The broadcasts of this process."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema
        self._running: dict[SubscriptionKey, Broadcast] = {}

    def join(self, resume: Resume, ctx: Context, subscriber: Subscriber) -> None:
        """Add a subscriber to the broadcast of its key. The first one starts it."""
        broadcast = self._running.get(resume.key)
        if broadcast is None:
            broadcast = self._running[resume.key] = Broadcast(self, resume.key, ctx)
        broadcast.subscribe(subscriber, resume.after)

    def discard(self, broadcast: "Broadcast") -> None:
        """Let the next subscriber with this key start a new broadcast."""
        if self._running.get(broadcast.key) is broadcast:
            del self._running[broadcast.key]

    async def frames(self, key: SubscriptionKey, ctx: Context, after: int | None) -> AsyncGenerator[Frame, None]:
        """Execute a subscription and yield its encoded events."""
        sequences: list[int] = []
        context = GraphQLContext(ctx, str(logs.trace_id.get()), on_event=sequences.append)
        results = await self._schema.stream(
            key.query, variable_values=key.variables(after), context_value=context, operation_name=key.operation_name
        )
        async with aclosing(results):
            async for result in results:
                yield _result_frame(result, sequences.pop() if sequences else None)


class Broadcast:
    """A subscription and its subscribers. Ends with the subscription, or when the last subscriber leaves."""

    def __init__(self, registry: BroadcastRegistry, key: SubscriptionKey, ctx: Context) -> None:
        self.key = key
        self._registry, self._ctx = registry, ctx
        self._live: set[Subscriber] = set()
        self._catching_up: set[Subscriber] = set()
        self._lagging: set[Subscriber] = set()
        # subscribers that can still join a catch-up execution, by its resume position
        self._open_groups: dict[int | None, set[Subscriber]] = {}
        self._last_sequence: int | None = None
        self._is_closed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._start(self._run_live())

    def subscribe(self, subscriber: Subscriber, after: int | None) -> None:
        """Add a subscriber that has received the events up to ``after``, or none."""
        subscriber.publisher, subscriber.live_from, subscriber.held = self, self._last_sequence, []
        if not self._is_closed and after == self._last_sequence:
            # up to date, or the broadcast has had no event yet
            subscriber.last_accepted = subscriber.last_accepted if after is None else after
            self._live.add(subscriber)
            return
        self._catching_up.add(subscriber)
        if after not in self._open_groups:
            self._open_groups[after] = set()
            self._start(self._run_catch_up(after, self._open_groups[after]))
        self._open_groups[after].add(subscriber)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        subscriber.stop()
        for subscribers in (self._live, self._catching_up, self._lagging):
            subscribers.discard(subscriber)
        self._stop_if_unused()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a task with a trace id of its own: its log lines belong to no single WebSocket."""
        context = contextvars.Context()
        context.run(logs.trace_id.set, ids.new(ids.Kind.REQUEST))
        context.run(logs.error_code_listener.set, self._forward_error_code)
        task = asyncio.create_task(work, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _forward_error_code(self, code: str) -> None:
        for subscriber in (*self._live, *self._catching_up):
            if subscriber.on_error_code is not None:
                subscriber.on_error_code(code)

    async def _run_live(self) -> None:
        try:
            async with aclosing(self._registry.frames(self.key, self._ctx, None)) as frames:
                async for frame in frames:
                    await self._publish(frame)
        finally:
            self._close()
            for subscriber in tuple(self._live):
                self._deliver(subscriber, COMPLETE)

    async def _publish(self, frame: Frame) -> None:
        """Deliver a live event. A subscriber that is promoted by this event receives it as a held one."""
        receivers = tuple(self._live)
        if frame.sequence is not None:
            self._last_sequence = frame.sequence
            for subscriber in tuple(self._catching_up):
                subscriber.hold_back(frame)
                subscriber.live_from = frame.sequence if subscriber.live_from is None else subscriber.live_from
                self._promote(subscriber)
        for number, subscriber in enumerate(receivers, 1):
            if subscriber in self._live:
                self._deliver(subscriber, frame)
            if number % _YIELD_EVERY == 0:
                await asyncio.sleep(0)

    async def _run_catch_up(self, after: int | None, group: set[Subscriber]) -> None:
        try:
            async with aclosing(self._registry.frames(self.key, self._ctx, after)) as frames:
                async for frame in frames:
                    self._close_group(after, group)
                    for subscriber in group & self._catching_up:
                        self._deliver(subscriber, frame)
                        self._promote(subscriber)
                    if not group & self._catching_up:
                        return
        finally:
            self._close_group(after, group)
            for subscriber in group & self._catching_up:
                self._deliver(subscriber, COMPLETE)

    def _close_group(self, after: int | None, group: set[Subscriber]) -> None:
        """Let no more subscribers join a catch-up execution: they would miss its first event."""
        if self._open_groups.get(after) is group:
            del self._open_groups[after]

    def _promote(self, subscriber: Subscriber) -> None:
        """Switch a subscriber to live events once it has caught up."""
        if (
            self._is_closed
            or subscriber not in self._catching_up
            or subscriber.live_from is None
            or subscriber.last_accepted < subscriber.live_from
        ):
            return
        self._catching_up.discard(subscriber)
        self._live.add(subscriber)
        held, subscriber.held = subscriber.held, []
        for frame in held:
            self._deliver(subscriber, frame)

    def _deliver(self, subscriber: Subscriber, frame: Frame) -> None:
        """Send a frame. A subscriber whose queue is full joins again once its queue has drained."""
        has_room = subscriber.offer(frame)
        if not has_room:
            self._lagging.add(subscriber)
            subscriber.on_drained = partial(self._rejoin, subscriber)
        if frame.is_last or not has_room:
            self._live.discard(subscriber)
            self._catching_up.discard(subscriber)
            self._stop_if_unused()

    def _rejoin(self, subscriber: Subscriber) -> None:
        if subscriber in self._lagging:
            self._lagging.discard(subscriber)
            self._registry.join(Resume(self.key, None), self._ctx, subscriber)

    def _stop_if_unused(self) -> None:
        if not (self._live or self._catching_up or self._lagging):
            self._close()
            for task in self._tasks:
                task.cancel()

    def _close(self) -> None:
        self._is_closed = True
        self._registry.discard(self)


def _result_frame(result: object, sequence: int | None) -> Frame:
    """Encode a result as Strawberry's handler does, without the operation's id."""
    if not isinstance(result, ExecutionResult):
        return _error_frame([GraphQLError("Incremental delivery is not supported.")])
    if isinstance(result, PreExecutionError):
        return _error_frame(result.errors or [])
    payload: dict[str, Any] = {"data": result.data}
    if result.errors:
        payload["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        payload["extensions"] = result.extensions
    return Frame(sequence, f'"type":"next","payload":{orjson.dumps(payload).decode()}}}')


def _error_frame(errors: Sequence[GraphQLError]) -> Frame:
    payload = orjson.dumps([error.formatted for error in errors]).decode()
    return Frame(None, f'"type":"error","payload":{payload}}}', is_last=True)
