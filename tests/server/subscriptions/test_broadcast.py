"""One answer for many sockets: what each of them hears, however and whenever it came."""

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
from resolvers.organizations import activity
from schema.schema import build_schema
from server.asgi_server import protocols
from server.subscriptions import dedup_key
from server.subscriptions.broadcast import BroadcastRegistry
from server.subscriptions.subscriber import Subscriber
from storage.postgres.database import Database
from storage.redis.events import EventLog
from storage.tables import Role
from tests.support.generation_changes import change_job
from tests.support.graphql_cost import services
from tests.support.polling import found
from tests.support.queued_jobs import put_queued
from tests.support.users import Cast, Person

__all__ = ["services"]

WATCH: Final = "subscription($id: ID!, $after: Int) { generationUpdated(id: $id, after: $after) { sequence status } }"
FEED: Final = "subscription($org: ID!, $after: Int) { activity(organizationId: $org, after: $after) { sequence kind } }"
ADA: Final = Caller("user_ada", {"org_first": Role.ADMIN})


class Line:
    """A socket whose client has room, or none; see Socket."""

    def __init__(self) -> None:
        self.push: Callable[[str], bool] | None = self._push
        self.room = asyncio.Event()
        self.room.set()
        self.said: list[dict[str, Any]] = []
        self.over: list[str] = []

    def _push(self, text: str) -> bool:
        if self.room.is_set():
            self.said.append(orjson.loads(text))
        return self.room.is_set()

    async def send_text(self, text: str) -> None:
        await self.room.wait()
        self.said.append(orjson.loads(text))

    def forget_operation(self, operation_id: str) -> None:
        self.over.append(operation_id)

    @property
    def numbers(self) -> list[int]:
        """Of the events that it was told."""
        events = [message["payload"]["data"] for message in self.said if message["type"] == "next"]
        return [event[name]["sequence"] for event in events for name in event]


class Hall:
    """Where people listen."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.broadcasts = BroadcastRegistry(build_schema())

    def ctx(self, person: Person) -> Context:
        return Context(self.services, Caller(person.user_id, {person.organization_id: Role.MEMBER}))

    def watch(self, person: Person, job_id: str, after: int | None = None) -> tuple[Line, Subscriber]:
        return self._join(person, WATCH, {"id": job_id}, after)

    def follow(self, person: Person, after: int | None = None) -> tuple[Line, Subscriber]:
        return self._join(person, FEED, {"org": person.organization_id}, after)

    def _join(
        self, person: Person, query: str, variables: dict[str, Any], after: int | None
    ) -> tuple[Line, Subscriber]:
        ctx, line = self.ctx(person), Line()
        asked = dedup_key.parse_shareable(query, {**variables, "after": after}, None, ctx.caller)
        assert asked is not None
        seat = Subscriber("operation", line)
        self.broadcasts.join(asked, ctx, seat)
        return line, seat

    @property
    def executions(self) -> int:
        """How many follow a topic of the feed."""
        assert isinstance(self.services.feed, EventLog)
        return self.services.feed.subscription_count


@pytest_asyncio.fixture
async def hall(services: Services) -> AsyncIterator[Hall]:
    hall = Hall(services)
    yield hall
    await until(lambda: hall.executions == 0)


async def until(condition: Callable[[], object]) -> None:
    async def look() -> object:
        return condition() or None

    await found(look)


def leave(seat: Subscriber) -> None:
    assert seat.publisher is not None
    seat.publisher.unsubscribe(seat)


async def test_many_who_ask_the_same_hear_one_execution_to_its_end(hall: Hall, database: Database, cast: Cast) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    lines = [hall.watch(cast.ada, job_id)[0] for _ in range(20)]
    await until(lambda: all(line.numbers == [0] for line in lines))
    assert hall.executions == 1
    await change_job(hall.ctx(cast.ada), job_id, 1)
    await change_job(hall.ctx(cast.ada), job_id, 2, ends=True)
    await until(lambda: all(line.over for line in lines))
    for line in lines:
        assert line.numbers == [0, 1, 2]
        assert line.said[-1] == {"id": "operation", "type": "complete"}
        assert line.over == ["operation"]


async def test_a_newcomer_is_told_how_things_stand_and_then_what_the_others_are_told(
    hall: Hall, database: Database, cast: Cast
) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    first, _ = hall.watch(cast.ada, job_id)
    await until(lambda: first.numbers == [0])
    await change_job(hall.ctx(cast.ada), job_id, 1)
    await until(lambda: first.numbers == [0, 1])
    late, _ = hall.watch(cast.ada, job_id)
    again, _ = hall.watch(cast.ada, job_id, after=1)
    behind, _ = hall.watch(cast.ada, job_id, after=-1)
    await until(lambda: late.numbers == [1] and behind.numbers == [1])
    await until(lambda: hall.executions == 1)
    await change_job(hall.ctx(cast.ada), job_id, 2, ends=True)
    await until(lambda: all(line.over for line in (first, late, again, behind)))
    assert (first.numbers, late.numbers, again.numbers, behind.numbers) == ([0, 1, 2], [1, 2], [2], [1, 2])


async def test_a_newcomer_of_a_feed_begins_with_its_state(hall: Hall, cast: Cast) -> None:
    organization_id = cast.ada.organization_id
    first, one = hall.follow(cast.ada)
    await until(lambda: first.numbers)
    await activity.publish(hall.ctx(cast.ada), organization_id, ActivityKind.TRACK, "mtrack_0123456789ab")
    await until(lambda: len(first.numbers) == 2)
    late, other = hall.follow(cast.ada)
    await until(lambda: late.numbers)
    await activity.publish(hall.ctx(cast.ada), organization_id, ActivityKind.TRACK, "mtrack_0123456789ac")
    await until(lambda: len(first.numbers) == 3 and len(late.numbers) == 2)
    assert [message["payload"]["data"]["activity"]["kind"] for message in late.said] == ["STATE", "TRACK"]
    assert late.numbers == first.numbers[1:]
    for seat in (one, other):
        leave(seat)


async def test_when_the_last_one_leaves_nobody_follows_the_topic_any_more(
    hall: Hall, database: Database, cast: Cast
) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    (line, one), (_, other) = hall.watch(cast.ada, job_id), hall.watch(cast.ada, job_id)
    await until(lambda: line.numbers == [0])
    leave(one)
    await change_job(hall.ctx(cast.ada), job_id, 1)
    assert hall.executions == 1
    leave(other)
    await until(lambda: hall.executions == 0)
    assert line.numbers == [0]


async def test_who_has_no_room_is_bounded_and_then_told_how_things_stand(
    hall: Hall, database: Database, cast: Cast
) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    (slow, _), (quick, _) = hall.watch(cast.ada, job_id), hall.watch(cast.ada, job_id)
    await until(lambda: slow.numbers == [0] and quick.numbers == [0])
    slow.room.clear()
    for sequence in range(1, 101):
        await change_job(hall.ctx(cast.ada), job_id, sequence)
    await until(lambda: quick.numbers == list(range(101)))
    slow.room.set()
    # of what waited only the one that was being sent is told; then the newest
    await until(lambda: slow.numbers == [0, 1, 100])
    await change_job(hall.ctx(cast.ada), job_id, 101, ends=True)
    await until(lambda: slow.over and quick.over)
    assert slow.numbers == [0, 1, 100, 101]


async def test_an_end_that_comes_while_there_is_no_room_is_told_all_the_same(
    hall: Hall, database: Database, cast: Cast
) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    slow, _ = hall.watch(cast.ada, job_id)
    await until(lambda: slow.numbers == [0])
    slow.room.clear()
    for sequence in range(1, 100):
        await change_job(hall.ctx(cast.ada), job_id, sequence)
    await change_job(hall.ctx(cast.ada), job_id, 100, ends=True)
    await until(lambda: hall.executions == 0)
    slow.room.set()
    await until(lambda: slow.over)
    assert slow.numbers[-1] == 100
    assert slow.numbers == sorted(set(slow.numbers))
    assert [message["type"] for message in slow.said].count("complete") == 1


@pytest.mark.parametrize("seed", range(3))
async def test_whoever_comes_and_goes_hears_each_event_once_and_in_order(
    hall: Hall, database: Database, cast: Cast, seed: int
) -> None:
    chance, job_id = random.Random(seed), await put_queued(database, cast.ada, "x")  # noqa: S311  the same for ever
    stayed: list[tuple[Line, int | None]] = []
    for sequence in range(1, 40):
        for _ in range(chance.randrange(4)):
            after = chance.choice((None, None, -1, max(sequence - 3, 0), sequence - 1))
            line, seat = hall.watch(cast.ada, job_id, after)
            if chance.random() < 0.3:
                leave(seat)
            else:
                stayed.append((line, after))
        await change_job(hall.ctx(cast.ada), job_id, sequence, ends=sequence == 39)
        await asyncio.sleep(0)
    await until(lambda: all(line.over for line, _ in stayed))
    for line, after in stayed:
        assert line.numbers == list(range(line.numbers[0], 40))
        assert after in {None, -1} or line.numbers[0] == (after or 0) + 1


async def test_what_somebody_may_not_see_is_refused_to_each_who_asks(
    hall: Hall, database: Database, cast: Cast
) -> None:
    job_id = await put_queued(database, cast.ada, "x")
    mine, seat = hall.watch(cast.ada, job_id)
    strangers = [hall.watch(person, job_id)[0] for person in (cast.bea, cast.bea, cast.cid)]
    await until(lambda: mine.numbers == [0] and all(line.over for line in strangers))
    for line in strangers:
        codes = [error["extensions"]["code"] for error in line.said[0]["payload"]["errors"]]
        assert (codes, [message["type"] for message in line.said]) == (["RESOURCE_NOT_FOUND"], ["next", "complete"])
    leave(seat)


async def test_a_document_that_is_refused_is_over_at_once(hall: Hall, cast: Cast) -> None:
    ctx, line = hall.ctx(cast.ada), Line()
    asked = dedup_key.parse_shareable("subscription { generationUpdated(id: 1) { nonsense } }", None, None, ctx.caller)
    assert asked is not None
    hall.broadcasts.join(asked, ctx, Subscriber("1", line))
    await until(lambda: line.over)
    assert [message["type"] for message in line.said] == ["error"]


def test_a_question_is_the_same_wherever_it_is_to_begin() -> None:
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


ALONE: Final = {
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


@pytest.mark.parametrize("query", ALONE.values(), ids=list(ALONE))
def test_what_is_unusual_is_answered_for_its_socket_alone(query: str) -> None:
    assert dedup_key.parse_shareable(query, None, None, ADA) is None


def test_who_is_unknown_or_begins_nowhere_is_answered_alone() -> None:
    assert dedup_key.parse_shareable(WATCH, {"id": "x"}, None, None) is None
    assert dedup_key.parse_shareable(WATCH, {"id": "x"}, "Other", ADA) is None
    strange: tuple[object, ...] = ("3", True, 1.5, {})
    for nonsense in strange:
        assert dedup_key.parse_shareable(WATCH, {"id": "x", "after": nonsense}, None, ADA) is None


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_frame_is_what_the_standard_says(size: int) -> None:
    reader = StreamReader()
    reader.feed_data(protocols.text_frame(b"x" * size))
    parsing = Frame.parse(reader.read_exact, mask=False, max_size=None)
    with pytest.raises(StopIteration) as ended:
        next(parsing)
    assert ended.value.value == Frame(Opcode.TEXT, b"x" * size)
