"""Shared subscriptions: the events that each subscriber receives."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any, Final

import orjson
import pytest
import pytest_asyncio
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from core.activity import ActivityKind
from core.scopes import Scope
from resolvers.access.context import Caller, Context, Services
from server.asgi_server import websocket_protocol
from server.subscriptions import dedup_key
from server.subscriptions.broadcast import BroadcastRegistry
from server.subscriptions.subscriber import Subscriber
from storage.postgres.database import Database
from storage.redis.events import EventLog
from storage.tables import Role
from tests.support.graphql import schemas
from tests.support.graphql.cost import services
from tests.support.jobs.generation_changes import change_generation
from tests.support.jobs.queued_jobs import put_queued
from tests.support.polling import wait_for
from tests.support.users import Cast, Person

__all__ = ["services"]

SCHEMA: Final = schemas.shipped()
WATCH: Final = "subscription($id: ID!, $after: Int) { generationUpdated(id: $id, after: $after) { sequence status } }"
FEED: Final = "subscription($org: ID!, $after: Int) { activity(organizationId: $org, after: $after) { sequence kind } }"
ADA: Final = Caller("user_ada", {"org_first": Role.ADMIN})


class FakeSocket:
    """A socket whose write buffer has room, or not; see Socket."""

    def __init__(self) -> None:
        self.push: Callable[[str], bool] | None = self._push
        self.room = asyncio.Event()
        self.room.set()
        self.messages: list[dict[str, Any]] = []
        self.completed: list[str] = []

    def _push(self, text: str) -> bool:
        if self.room.is_set():
            self.messages.append(orjson.loads(text))
        return self.room.is_set()

    async def send_text(self, text: str) -> None:
        await self.room.wait()
        self.messages.append(orjson.loads(text))

    def forget_operation(self, operation_id: str) -> None:
        self.completed.append(operation_id)

    @property
    def numbers(self) -> list[int]:
        """Return the sequence numbers of the received events."""
        events = [message["payload"]["data"] for message in self.messages if message["type"] == "next"]
        return [event[name]["sequence"] for event in events for name in event]


class Harness:
    """Creates subscribers of a broadcast registry."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.broadcasts = BroadcastRegistry(SCHEMA)

    def ctx(self, person: Person) -> Context:
        return Context(self.services, Caller(person.user_id, {person.organization_id: Role.MEMBER}))

    def watch(self, person: Person, job_id: str, after: int | None = None) -> tuple[FakeSocket, Subscriber]:
        return self._join(person, WATCH, {"id": job_id}, after)

    def follow(self, person: Person, after: int | None = None) -> tuple[FakeSocket, Subscriber]:
        return self._join(person, FEED, {"org": person.organization_id}, after)

    def _join(
        self, person: Person, query: str, variables: dict[str, Any], after: int | None
    ) -> tuple[FakeSocket, Subscriber]:
        ctx, socket = self.ctx(person), FakeSocket()
        resume = dedup_key.parse_shareable(query, {**variables, "after": after}, None, ctx.caller)
        assert resume is not None
        subscriber = Subscriber("operation", socket)
        self.broadcasts.join(resume, ctx, subscriber)
        return socket, subscriber

    @property
    def executions(self) -> int:
        """Return the number of event feeds with a subscription."""
        assert isinstance(self.services.feed, EventLog)
        return self.services.feed.subscription_count


@pytest_asyncio.fixture
async def harness(services: Services) -> AsyncIterator[Harness]:
    harness = Harness(services)
    yield harness
    await until(lambda: harness.executions == 0)


async def until(condition: Callable[[], object]) -> None:
    async def look() -> object:
        return condition() or None

    await wait_for(look)


def leave(subscriber: Subscriber) -> None:
    assert subscriber.publisher is not None
    subscriber.publisher.unsubscribe(subscriber)


async def test_equal_subscriptions_share_one_execution(harness: Harness, database: Database, cast: Cast) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    sockets = [harness.watch(cast.ada, job_id)[0] for _ in range(20)]
    await until(lambda: all(socket.numbers == [0] for socket in sockets))
    assert harness.executions == 1
    await change_generation(harness.ctx(cast.ada), job_id, 1)
    await change_generation(harness.ctx(cast.ada), job_id, 2, ends=True)
    await until(lambda: all(socket.completed for socket in sockets))
    for socket in sockets:
        assert socket.numbers == [0, 1, 2]
        assert socket.messages[-1] == {"id": "operation", "type": "complete"}
        assert socket.completed == ["operation"]


async def test_a_new_subscriber_receives_the_current_state_and_then_live_events(
    harness: Harness, database: Database, cast: Cast
) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    first, _ = harness.watch(cast.ada, job_id)
    await until(lambda: first.numbers == [0])
    await change_generation(harness.ctx(cast.ada), job_id, 1)
    await until(lambda: first.numbers == [0, 1])
    late, _ = harness.watch(cast.ada, job_id)
    again, _ = harness.watch(cast.ada, job_id, after=1)
    behind, _ = harness.watch(cast.ada, job_id, after=-1)
    await until(lambda: late.numbers == [1] and behind.numbers == [1])
    await until(lambda: harness.executions == 1)
    await change_generation(harness.ctx(cast.ada), job_id, 2, ends=True)
    await until(lambda: all(socket.completed for socket in (first, late, again, behind)))
    assert (first.numbers, late.numbers, again.numbers, behind.numbers) == ([0, 1, 2], [1, 2], [2], [1, 2])


async def test_a_new_subscriber_of_a_feed_receives_its_state_first(harness: Harness, cast: Cast) -> None:
    organization_id = cast.ada.organization_id
    first, one = harness.follow(cast.ada)
    await until(lambda: first.numbers)
    await harness.ctx(cast.ada).publish_activity(organization_id, ActivityKind.TRACK, "mtrack_0123456789ab")
    await until(lambda: len(first.numbers) == 2)
    late, other = harness.follow(cast.ada)
    await until(lambda: late.numbers)
    await harness.ctx(cast.ada).publish_activity(organization_id, ActivityKind.TRACK, "mtrack_0123456789ac")
    await until(lambda: len(first.numbers) == 3 and len(late.numbers) == 2)
    assert [message["payload"]["data"]["activity"]["kind"] for message in late.messages] == ["STATE", "TRACK"]
    assert late.numbers == first.numbers[1:]
    for subscriber in (one, other):
        leave(subscriber)


async def test_the_execution_ends_when_the_last_subscriber_leaves(
    harness: Harness, database: Database, cast: Cast
) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    (socket, one), (_, other) = harness.watch(cast.ada, job_id), harness.watch(cast.ada, job_id)
    await until(lambda: socket.numbers == [0])
    leave(one)
    await change_generation(harness.ctx(cast.ada), job_id, 1)
    assert harness.executions == 1
    leave(other)
    await until(lambda: harness.executions == 0)
    assert socket.numbers == [0]


async def test_a_slow_subscriber_has_a_bounded_queue_and_then_receives_the_current_state(
    harness: Harness, database: Database, cast: Cast
) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    (slow, _), (quick, _) = harness.watch(cast.ada, job_id), harness.watch(cast.ada, job_id)
    await until(lambda: slow.numbers == [0] and quick.numbers == [0])
    slow.room.clear()
    for sequence in range(1, 101):
        await change_generation(harness.ctx(cast.ada), job_id, sequence)
    await until(lambda: quick.numbers == list(range(101)))
    slow.room.set()
    # of the queued events only the one that was being sent arrives, then the newest
    await until(lambda: slow.numbers == [0, 1, 100])
    await change_generation(harness.ctx(cast.ada), job_id, 101, ends=True)
    await until(lambda: slow.completed and quick.completed)
    assert slow.numbers == [0, 1, 100, 101]


async def test_a_slow_subscriber_receives_the_end(harness: Harness, database: Database, cast: Cast) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    slow, _ = harness.watch(cast.ada, job_id)
    await until(lambda: slow.numbers == [0])
    slow.room.clear()
    for sequence in range(1, 100):
        await change_generation(harness.ctx(cast.ada), job_id, sequence)
    await change_generation(harness.ctx(cast.ada), job_id, 100, ends=True)
    await until(lambda: harness.executions == 0)
    slow.room.set()
    await until(lambda: slow.completed)
    assert slow.numbers[-1] == 100
    assert slow.numbers == sorted(set(slow.numbers))
    assert [message["type"] for message in slow.messages].count("complete") == 1


@pytest.mark.parametrize("seed", range(3))
async def test_each_subscriber_receives_each_event_once_and_in_order(
    harness: Harness, database: Database, cast: Cast, seed: int
) -> None:
    rng, job_id = random.Random(seed), await put_queued(database, cast.ada, "x")  # noqa: S311  a reproducible sequence
    remaining: list[tuple[FakeSocket, int | None]] = []
    for sequence in range(1, 40):
        for _ in range(rng.randrange(4)):
            after = rng.choice((None, None, -1, max(sequence - 3, 0), sequence - 1))
            socket, subscriber = harness.watch(cast.ada, job_id, after)
            if rng.random() < 0.3:
                leave(subscriber)
            else:
                remaining.append((socket, after))
        await change_generation(harness.ctx(cast.ada), job_id, sequence, ends=sequence == 39)
        await asyncio.sleep(0)
    await until(lambda: all(socket.completed for socket, _ in remaining))
    for socket, after in remaining:
        assert socket.numbers == list(range(socket.numbers[0], 40))
        assert after in {None, -1} or socket.numbers[0] == (after or 0) + 1


async def test_a_forbidden_subscription_is_rejected_for_each_subscriber(
    harness: Harness, database: Database, cast: Cast
) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    mine, subscriber = harness.watch(cast.ada, job_id)
    others = [harness.watch(person, job_id)[0] for person in (cast.bea, cast.bea, cast.cid)]
    await until(lambda: mine.numbers == [0] and all(socket.completed for socket in others))
    for socket in others:
        codes = [error["extensions"]["code"] for error in socket.messages[0]["payload"]["errors"]]
        assert (codes, [message["type"] for message in socket.messages]) == (
            ["RESOURCE_NOT_FOUND"],
            ["next", "complete"],
        )
    leave(subscriber)


async def test_an_invalid_document_ends_with_an_error(harness: Harness, cast: Cast) -> None:
    ctx, socket = harness.ctx(cast.ada), FakeSocket()
    resume = dedup_key.parse_shareable("subscription { generationUpdated(id: 1) { nonsense } }", None, None, ctx.caller)
    assert resume is not None
    harness.broadcasts.join(resume, ctx, Subscriber("1", socket))
    await until(lambda: socket.completed)
    assert [message["type"] for message in socket.messages] == ["error"]


def test_the_key_does_not_depend_on_the_resume_position() -> None:
    one = dedup_key.parse_shareable(WATCH, {"id": "x", "after": 7}, None, ADA)
    other = dedup_key.parse_shareable(WATCH, {"id": "x"}, None, Caller("user_ada", {"org_first": Role.ADMIN}))
    assert one is not None
    assert other is not None
    assert one.key == other.key
    assert (one.after, other.after) == (7, None)
    assert one.key.variables(3) == {"id": "x", "after": 3}
    for changed in (
        dedup_key.parse_shareable(WATCH, {"id": "y"}, None, ADA),
        dedup_key.parse_shareable(WATCH + " ", {"id": "x"}, None, ADA),
        dedup_key.parse_shareable(WATCH, {"id": "x"}, None, Caller("user_bea", {"org_first": Role.ADMIN})),
        dedup_key.parse_shareable(WATCH, {"id": "x"}, None, Caller("user_ada", {"org_first": Role.MEMBER})),
        dedup_key.parse_shareable(WATCH, {"id": "x"}, None, replace(ADA, scopes=frozenset(Scope))),
    ):
        assert changed is not None
        assert changed.key != one.key


NOT_SHAREABLE: Final = {
    "query": "{ viewer { user { id } } }",
    "mutation": "mutation { a }",
    "syntax": "subscription {",
    "two_roots": "subscription { a b }",
    "fragment_at_the_root": "subscription { ...F } fragment F on Subscription { a }",
    "literal_beginning": 'subscription { generationUpdated(id: "x", after: 3) { sequence } }',
    "beginning_that_must_be": "subscription($after: Int!) { a(after: $after) { b } }",
    "beginning_that_means_more": "subscription($after: Int) { a(after: $after) { b(c: $after) } }",
    "unknown_beginning": "subscription { a(after: $after) { b } }",
    "long": "subscription { a }" + " " * 20_000,
}


@pytest.mark.parametrize("query", NOT_SHAREABLE.values(), ids=list(NOT_SHAREABLE))
def test_other_documents_are_not_shareable(query: str) -> None:
    assert dedup_key.parse_shareable(query, None, None, ADA) is None


def test_anonymous_callers_and_invalid_positions_are_not_shareable() -> None:
    assert dedup_key.parse_shareable(WATCH, {"id": "x"}, None, None) is None
    assert dedup_key.parse_shareable(WATCH, {"id": "x"}, "Other", ADA) is None
    strange: tuple[object, ...] = ("3", True, 1.5, {})
    for nonsense in strange:
        assert dedup_key.parse_shareable(WATCH, {"id": "x", "after": nonsense}, None, ADA) is None


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_text_frame_follows_rfc_6455(size: int) -> None:
    reader = StreamReader()
    reader.feed_data(websocket_protocol.text_frame(b"x" * size))
    parsing = Frame.parse(reader.read_exact, mask=False, max_size=None)
    with pytest.raises(StopIteration) as ended:
        next(parsing)
    assert ended.value.value == Frame(Opcode.TEXT, b"x" * size)
