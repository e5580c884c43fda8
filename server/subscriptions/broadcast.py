"""Subscriptions that many sockets share: each event is executed and encoded once, whoever listens.

A broadcast follows its topic by one execution, the trunk. A newcomer is told how things stand, or what it has missed,
by an execution of its own, the flight, that it shares with those who come at the same time; from the number on that the
trunk had reached when it came, it follows the trunk. So each socket hears rising numbers, and misses none.
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


class BroadcastRegistry:
    """All that is told in this process, by what was asked and by whom."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema
        self._running: dict[SubscriptionKey, Broadcast] = {}

    def join(self, asked: Resume, ctx: Context, seat: Subscriber) -> None:
        """Tell a seat the answer, from now on."""
        broadcast = self._running.get(asked.key)
        if broadcast is None:
            broadcast = Broadcast(self, asked.key, ctx)
            self._running[asked.key] = broadcast
        broadcast.subscribe(seat, asked.after)

    def discard(self, broadcast: "Broadcast") -> None:
        """Who asks the same from now on begins a new one."""
        if self._running.get(broadcast.key) is broadcast:
            del self._running[broadcast.key]

    async def frames(self, question: SubscriptionKey, ctx: Context, after: int | None) -> AsyncGenerator[Frame, None]:
        """The answer to one question, as it is sent."""
        numbers: list[int] = []
        context = GraphQLContext(ctx, str(logs.trace_id.get()), on_event=numbers.append)
        results = await self._schema.stream(
            question.query,
            variable_values=question.variables(after),
            context_value=context,
            operation_name=question.operation_name,
        )
        async with aclosing(results):
            async for result in results:
                yield _result_frame(result, numbers.pop() if numbers else None)


class Broadcast:
    """One question, and those who hear the answer. Over when the answer is, or when nobody listens any more."""

    def __init__(self, broadcasts: BroadcastRegistry, question: SubscriptionKey, ctx: Context) -> None:
        self.key = question
        self._registry, self._ctx = broadcasts, ctx
        self._live: set[Subscriber] = set()
        self._catching_up: set[Subscriber] = set()
        self._lagging: set[Subscriber] = set()
        self._open_groups: dict[int | None, set[Subscriber]] = {}
        self._last_sequence: int | None = None
        self._is_over = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._start(self._run_live())

    def subscribe(self, seat: Subscriber, after: int | None) -> None:
        """Let somebody listen who has seen what came up to ``after``, or nothing."""
        seat.publisher, seat.live_from, seat.held = self, self._last_sequence, []
        if not self._is_over and after == self._last_sequence:
            # up to date; or new, and nothing has been told to anybody yet
            seat.last_accepted = seat.last_accepted if after is None else after
            self._live.add(seat)
            return
        self._catching_up.add(seat)
        if after not in self._open_groups:
            self._open_groups[after] = set()
            self._start(self._run_catch_up(after, self._open_groups[after]))
        self._open_groups[after].add(seat)

    def unsubscribe(self, seat: Subscriber) -> None:
        """Somebody stops listening."""
        seat.stop()
        self._remove(seat)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """In a context of its own: what is logged meanwhile belongs to no single socket."""
        context = contextvars.Context()
        context.run(logs.trace_id.set, ids.new(ids.Kind.REQUEST))
        context.run(logs.error_code_listener.set, self._forward_error_code)
        task = asyncio.create_task(work, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _forward_error_code(self, code: str) -> None:
        for seat in (*self._live, *self._catching_up):
            if seat.on_error_code is not None:
                seat.on_error_code(code)

    async def _run_live(self) -> None:
        try:
            async with aclosing(self._registry.frames(self.key, self._ctx, None)) as tellings:
                async for telling in tellings:
                    await self._publish(telling)
        finally:
            self._close()
            for seat in tuple(self._live):
                self._deliver(seat, COMPLETE)

    async def _publish(self, telling: Frame) -> None:
        """To who is here now. Who lands meanwhile has it among what was held."""
        following = tuple(self._live)
        if telling.sequence is not None:
            self._last_sequence = telling.sequence
            for seat in tuple(self._catching_up):
                seat.hold_back(telling)
                seat.live_from = telling.sequence if seat.live_from is None else seat.live_from
                self._promote(seat)
        for number, seat in enumerate(following, 1):
            if seat in self._live:
                self._deliver(seat, telling)
            if number % _YIELD_EVERY == 0:
                # nobody's request waits until thousands have been told
                await asyncio.sleep(0)

    async def _run_catch_up(self, after: int | None, passengers: set[Subscriber]) -> None:
        try:
            async with aclosing(self._registry.frames(self.key, self._ctx, after)) as tellings:
                async for telling in tellings:
                    self._close_group(after, passengers)
                    for seat in passengers & self._catching_up:
                        self._deliver(seat, telling)
                        self._promote(seat)
                    if not passengers & self._catching_up:
                        return
        finally:
            self._close_group(after, passengers)
            for seat in passengers & self._catching_up:
                self._deliver(seat, COMPLETE)

    def _close_group(self, after: int | None, passengers: set[Subscriber]) -> None:
        """Who comes from now on has missed the first event."""
        if self._open_groups.get(after) is passengers:
            del self._open_groups[after]

    def _promote(self, seat: Subscriber) -> None:
        """Let a newcomer follow the trunk, once it has seen what the trunk had told when it came."""
        if (
            self._is_over
            or seat not in self._catching_up
            or seat.live_from is None
            or seat.last_accepted < seat.live_from
        ):
            return
        self._catching_up.discard(seat)
        self._live.add(seat)
        held, seat.held = seat.held, []
        for telling in held:
            self._deliver(seat, telling)

    def _deliver(self, seat: Subscriber, telling: Frame) -> None:
        """Who has no room is told anew, in its own time."""
        has_room = seat.offer(telling)
        if not has_room:
            self._lagging.add(seat)
            seat.on_drained = partial(self._rejoin, seat)
        if telling.is_last or not has_room:
            self._live.discard(seat)
            self._catching_up.discard(seat)
            self._stop_if_unused()

    def _rejoin(self, seat: Subscriber) -> None:
        if seat in self._lagging:
            self._lagging.discard(seat)
            self._registry.join(Resume(self.key, None), self._ctx, seat)

    def _remove(self, seat: Subscriber) -> None:
        for seats in (self._live, self._catching_up, self._lagging):
            seats.discard(seat)
        self._stop_if_unused()

    def _stop_if_unused(self) -> None:
        if not (self._live or self._catching_up or self._lagging):
            self._close()
            for task in self._tasks:
                task.cancel()

    def _close(self) -> None:
        self._is_over = True
        self._registry.discard(self)


def _result_frame(result: object, sequence: int | None) -> Frame:
    """A message but for its beginning, the id; its fields are those of the base class."""
    if not isinstance(result, ExecutionResult):
        return _error_frame([GraphQLError("Incremental delivery is not supported here")])
    if isinstance(result, PreExecutionError):
        return _error_frame(result.errors or [])
    payload: dict[str, Any] = {"data": result.data}
    if result.errors:
        payload["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        payload["extensions"] = result.extensions
    return Frame(sequence, f'"type":"next","payload":{orjson.dumps(payload).decode()}}}')


def _error_frame(errors: Sequence[GraphQLError]) -> Frame:
    said = orjson.dumps([error.formatted for error in errors]).decode()
    return Frame(None, f'"type":"error","payload":{said}}}', is_last=True)
