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

_AT_ONCE: Final = 256


class Broadcasts:
    """All that is told in this process, by what was asked and by whom."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema
        self._running: dict[SubscriptionKey, Broadcast] = {}

    def join(self, asked: Resume, ctx: Context, seat: Subscriber) -> None:
        """Tell a seat the answer, from now on."""
        broadcast = self._running.get(asked.question)
        if broadcast is None:
            broadcast = Broadcast(self, asked.question, ctx)
            self._running[asked.question] = broadcast
        broadcast.seat(seat, asked.after)

    def over(self, broadcast: "Broadcast") -> None:
        """Who asks the same from now on begins a new one."""
        if self._running.get(broadcast.question) is broadcast:
            del self._running[broadcast.question]

    async def tellings(self, question: SubscriptionKey, ctx: Context, after: int | None) -> AsyncGenerator[Frame, None]:
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
                yield _telling(result, numbers.pop() if numbers else None)


class Broadcast:
    """One question, and those who hear the answer. Over when the answer is, or when nobody listens any more."""

    def __init__(self, broadcasts: Broadcasts, question: SubscriptionKey, ctx: Context) -> None:
        self.question = question
        self._all, self._ctx = broadcasts, ctx
        self._following: set[Subscriber] = set()
        self._flying: set[Subscriber] = set()
        self._behind: set[Subscriber] = set()
        self._boarding: dict[int | None, set[Subscriber]] = {}
        self._newest: int | None = None
        self._is_over = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._start(self._trunk())

    def seat(self, seat: Subscriber, after: int | None) -> None:
        """Let somebody listen who has seen what came up to ``after``, or nothing."""
        seat.place, seat.base, seat.held = self, self._newest, []
        if not self._is_over and after == self._newest:
            # up to date; or new, and nothing has been told to anybody yet
            seat.seen = seat.seen if after is None else after
            self._following.add(seat)
            return
        self._flying.add(seat)
        if after not in self._boarding:
            self._boarding[after] = set()
            self._start(self._flight(after, self._boarding[after]))
        self._boarding[after].add(seat)

    def leave(self, seat: Subscriber) -> None:
        """Somebody stops listening."""
        seat.leave()
        self._drop(seat)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """In a context of its own: what is logged meanwhile belongs to no single socket."""
        context = contextvars.Context()
        context.run(logs.trace_id.set, ids.new(ids.Kind.REQUEST))
        context.run(logs.error_code_listener.set, self._hear)
        task = asyncio.create_task(work, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _hear(self, code: str) -> None:
        for seat in (*self._following, *self._flying):
            if seat.hear is not None:
                seat.hear(code)

    async def _trunk(self) -> None:
        try:
            async with aclosing(self._all.tellings(self.question, self._ctx, None)) as tellings:
                async for telling in tellings:
                    await self._tell(telling)
        finally:
            self._close()
            for seat in tuple(self._following):
                self._offer(seat, COMPLETE)

    async def _tell(self, telling: Frame) -> None:
        """To who is here now. Who lands meanwhile has it among what was held."""
        following = tuple(self._following)
        if telling.sequence is not None:
            self._newest = telling.sequence
            for seat in tuple(self._flying):
                seat.hold(telling)
                seat.base = telling.sequence if seat.base is None else seat.base
                self._land(seat)
        for number, seat in enumerate(following, 1):
            if seat in self._following:
                self._offer(seat, telling)
            if number % _AT_ONCE == 0:
                # nobody's request waits until thousands have been told
                await asyncio.sleep(0)

    async def _flight(self, after: int | None, passengers: set[Subscriber]) -> None:
        try:
            async with aclosing(self._all.tellings(self.question, self._ctx, after)) as tellings:
                async for telling in tellings:
                    self._depart(after, passengers)
                    for seat in passengers & self._flying:
                        self._offer(seat, telling)
                        self._land(seat)
                    if not passengers & self._flying:
                        return
        finally:
            self._depart(after, passengers)
            for seat in passengers & self._flying:
                self._offer(seat, COMPLETE)

    def _depart(self, after: int | None, passengers: set[Subscriber]) -> None:
        """Who comes from now on has missed the first event."""
        if self._boarding.get(after) is passengers:
            del self._boarding[after]

    def _land(self, seat: Subscriber) -> None:
        """Let a newcomer follow the trunk, once it has seen what the trunk had told when it came."""
        if self._is_over or seat not in self._flying or seat.base is None or seat.seen < seat.base:
            return
        self._flying.discard(seat)
        self._following.add(seat)
        held, seat.held = seat.held, []
        for telling in held:
            self._offer(seat, telling)

    def _offer(self, seat: Subscriber, telling: Frame) -> None:
        """Who has no room is told anew, in its own time."""
        has_room = seat.offer(telling)
        if not has_room:
            self._behind.add(seat)
            seat.has_room = partial(self._again, seat)
        if telling.is_last or not has_room:
            self._following.discard(seat)
            self._flying.discard(seat)
            self._end_if_alone()

    def _again(self, seat: Subscriber) -> None:
        if seat in self._behind:
            self._behind.discard(seat)
            self._all.join(Resume(self.question, None), self._ctx, seat)

    def _drop(self, seat: Subscriber) -> None:
        for seats in (self._following, self._flying, self._behind):
            seats.discard(seat)
        self._end_if_alone()

    def _end_if_alone(self) -> None:
        if not (self._following or self._flying or self._behind):
            self._close()
            for task in self._tasks:
                task.cancel()

    def _close(self) -> None:
        self._is_over = True
        self._all.over(self)


def _telling(result: object, sequence: int | None) -> Frame:
    """A message but for its beginning, the id; its fields are those of the base class."""
    if not isinstance(result, ExecutionResult):
        return _refusal([GraphQLError("Incremental delivery is not supported here")])
    if isinstance(result, PreExecutionError):
        return _refusal(result.errors or [])
    payload: dict[str, Any] = {"data": result.data}
    if result.errors:
        payload["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        payload["extensions"] = result.extensions
    return Frame(sequence, f'"type":"next","payload":{orjson.dumps(payload).decode()}}}')


def _refusal(errors: Sequence[GraphQLError]) -> Frame:
    said = orjson.dumps([error.formatted for error in errors]).decode()
    return Frame(None, f'"type":"error","payload":{said}}}', is_last=True)
