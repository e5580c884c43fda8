"""Activity feeds whose events are lost: the state is yielded again, and no event twice."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from core import clock
from core.activity import ActivityKind
from core.jobs import Status
from resolvers.access.context import Caller, Context, Services
from resolvers.generations import activity_feed
from resolvers.generations.activity_feed import ActivityEvent
from storage.postgres.database import Database
from storage.queries import generations
from storage.redis.events import Event, EventLog, Subscription
from storage.tables import Role
from tests.support.factories import put_generation
from tests.support.users import Cast


class ScriptedFeed(EventLog):
    """A feed that publishes the events of a test."""

    def __init__(self) -> None:
        super().__init__("redis://unused")
        self.subscription = Subscription("feed")
        self.log: list[Event] = []

    async def publish(self, event: Event) -> None:
        raise NotImplementedError

    async def append_to_feed(self, feed: str, fields: dict[str, Any]) -> None:
        raise NotImplementedError

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[Subscription]:  # noqa: ARG002  of the base class
        yield self.subscription

    async def since(self, topic: str, sequence: int) -> list[Event]:  # noqa: ARG002  of the base class
        return [event for event in self.log if event.sequence > sequence]

    async def newest_sequence(self, topic: str) -> int:  # noqa: ARG002  of the base class
        return max((event.sequence for event in self.log), default=0)

    def emit(self, number: int, /, **fields: object) -> None:
        """Append an event to the log and publish it."""
        event = Event("feed", number, fields)
        self.log.append(event)
        self.subscription.offer(event)


@pytest.fixture
def feed() -> ScriptedFeed:
    return ScriptedFeed()


@pytest.fixture
def ctx(services: Services, cast: Cast, feed: ScriptedFeed) -> Context:
    caller = Caller(cast.ada.user_id, {cast.ada.organization_id: Role.MEMBER})
    return Context(replace(services, feed=feed), caller)


def summarize(event: ActivityEvent) -> tuple[int, ActivityKind, str | None, list[tuple[str, int]]]:
    return event.sequence, event.kind, event.subject_id, [(row.id, row.progress) for row in event.unfinished]


async def test_progress_comes_from_events_and_the_end_from_the_row(
    ctx: Context, feed: ScriptedFeed, database: Database, cast: Cast
) -> None:
    job_id = await put_generation(database, cast.ada, Status.RUNNING)
    async with aclosing(activity_feed.watch(ctx, cast.ada.organization_id)) as events:
        assert summarize(await anext(events)) == (0, ActivityKind.STATE, None, [(job_id, 40)])
        feed.emit(10, id=job_id, sequence=0, status="running", progress=40, stage="mixing")  # yielded already
        feed.emit(11, id=job_id, sequence=1, status="running", progress=50, stage="mixing")
        assert summarize(await anext(events)) == (11, ActivityKind.GENERATION, job_id, [(job_id, 50)])
        feed.emit(11, id=job_id, sequence=2, status="running", progress=60, stage="mixing")  # a number that was seen
        feed.emit(12, id=job_id, sequence=1, status="running", progress=50, stage="mixing")  # late
        feed.emit(13, id=job_id, sequence=3, status="running", progress=70, stage="mixing")
        assert summarize(await anext(events)) == (13, ActivityKind.GENERATION, job_id, [(job_id, 70)])
        async with database.transaction() as session:
            row = await generations.request_cancel(session, job_id, ended := clock.now())
            assert row is not None
            await generations.finish(session, job_id, row.fence, Status.CANCELLED, ended)
        feed.emit(14, id=job_id, sequence=4, status="cancelled", progress=70, stage=None)
        last = await anext(events)
    assert summarize(last) == (14, ActivityKind.GENERATION, job_id, [])
    assert last.generation is not None
    assert (last.generation.status, last.generation.finished_at) == (Status.CANCELLED, ended)


async def test_after_an_overflow_the_state_is_yielded_again(
    ctx: Context, feed: ScriptedFeed, database: Database, cast: Cast
) -> None:
    async with aclosing(activity_feed.watch(ctx, cast.ada.organization_id)) as events:
        assert summarize(await anext(events)) == (0, ActivityKind.STATE, None, [])
        job_id = await put_generation(database, cast.ada, Status.RUNNING)
        for number in range(1, 300):
            feed.emit(number, kind="track", id="mtrack_1")
        assert summarize(await anext(events)) == (299, ActivityKind.STATE, None, [(job_id, 40)])
        feed.emit(300, kind="track", id="mtrack_1")
        assert summarize(await anext(events)) == (300, ActivityKind.TRACK, "mtrack_1", [(job_id, 40)])


async def test_missed_events_are_replayed_once_for_each_subject(
    ctx: Context, feed: ScriptedFeed, database: Database, cast: Cast
) -> None:
    job_id = await put_generation(database, cast.ada, Status.RUNNING)
    over = await put_generation(database, cast.ada, Status.SUCCEEDED)
    feed.log = [
        Event("feed", 5, {"kind": "track", "id": "mtrack_1"}),
        Event("feed", 6, {"id": over, "sequence": 1, "status": "running", "progress": 1, "stage": None}),
        Event("feed", 7, {"id": job_id, "sequence": 0, "status": "running", "progress": 40, "stage": None}),
        Event("feed", 8, {"id": over, "sequence": 2, "status": "succeeded", "progress": 100, "stage": None}),
    ]
    async with aclosing(activity_feed.watch(ctx, cast.ada.organization_id, 5)) as events:
        first, second = await anext(events), await anext(events)
    assert summarize(first) == (7, ActivityKind.GENERATION, job_id, [(job_id, 40)])
    assert summarize(second) == (8, ActivityKind.GENERATION, over, [(job_id, 40)])
    assert second.generation is not None
    assert second.generation.status is Status.SUCCEEDED


async def test_too_many_missed_events_are_replaced_by_the_state(ctx: Context, feed: ScriptedFeed, cast: Cast) -> None:
    feed.log = [Event("feed", number, {"kind": "track", "id": f"mtrack_{number}"}) for number in range(1, 103)]
    async with aclosing(activity_feed.watch(ctx, cast.ada.organization_id, 1)) as events:
        assert summarize(await anext(events)) == (102, ActivityKind.STATE, None, [])
    async with aclosing(activity_feed.watch(ctx, cast.ada.organization_id, 2)) as events:
        assert summarize(await anext(events)) == (3, ActivityKind.TRACK, "mtrack_3", [])


async def test_a_change_without_an_event_yields_the_state(
    ctx: Context, feed: ScriptedFeed, database: Database, cast: Cast
) -> None:
    async with aclosing(activity_feed.watch(ctx, cast.ada.organization_id, poll_seconds=0.01)) as events:
        assert summarize(await anext(events)) == (0, ActivityKind.STATE, None, [])
        job_id = await put_generation(database, cast.ada, Status.RUNNING)
        assert summarize(await anext(events)) == (1, ActivityKind.STATE, None, [(job_id, 40)])
        feed.emit(9, kind="track", id="mtrack_1")
        assert summarize(await anext(events)) == (9, ActivityKind.TRACK, "mtrack_1", [(job_id, 40)])
