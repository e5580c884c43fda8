"""What goes on for a caller in an organization, in one feed: what is made for it, what it saves, what it shares."""

import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from core import activity as words
from core import ids, jobs
from core.activity import ActivityKind
from core.errors import Unavailable
from core.jobs import Status
from resolvers.access.context import Context
from storage.queries import by_id, generations
from storage.redis.events import Event
from storage.tables import Generation

log = logging.getLogger(__name__)

MAX_UNDER_WAY: Final = 100
"""A feed shows so many generations under way, the newest; and it tells so many missed events before it starts anew."""

_LOOK_AGAIN_SECONDS: Final = 30.0
"""A quiet feed looks at the rows so often, should what tells of changes be away."""

_PUBLISHED: Final[Mapping[ids.Kind | None, ActivityKind]] = {
    ids.Kind.GENERATION: ActivityKind.GENERATION,
    ids.Kind.FOCUS_SESSION: ActivityKind.FOCUS_SESSION,
}
"""Things whose own events are told in the feed, by their ids."""


@dataclass(frozen=True, slots=True)
class Activity:
    """An event and how things stand after it. ``subject_id`` names the job, session, track or link that it is about."""

    sequence: int
    kind: ActivityKind
    subject_id: str | None
    generation: Generation | None
    under_way: Sequence[Generation]


async def tell(ctx: Context, organization_id: str, kind: ActivityKind, subject_id: str) -> None:
    """Tell the caller's feed of a change that is committed."""
    feed = words.feed_name(organization_id, ctx.caller.user_id)
    await ctx.services.feed.append_to_feed(feed, {"kind": kind.value, "id": subject_id})


async def watch(
    ctx: Context, organization_id: str, after: int | None = None, *, look_again_seconds: float = _LOOK_AGAIN_SECONDS
) -> AsyncGenerator[Activity, None]:
    """How things stand, and then every change; or what came behind event ``after``, if that is still known.

    Raises NotAMember.
    """
    feed = words.feed_name(organization_id, ctx.member(organization_id).user_id)
    async with ctx.services.feed.subscribe(feed) as subscription:
        board = _Board(ctx, organization_id)
        seen = await ctx.services.feed.newest_sequence(feed)
        missed = None if after is None else await _missed(ctx, feed, after)
        await board.look()
        if missed is None:
            yield board.state(seen)
        for event in missed or ():
            yield await board.recall(event)
            seen = max(seen, event.sequence)
        while True:
            news = await subscription.next(look_again_seconds)
            if subscription.pop_overflow():
                seen = max(seen + 1, await ctx.services.feed.newest_sequence(feed))
                await board.look()
                yield board.state(seen)
            elif news is None and await _differs(board):
                seen += 1
                yield board.state(seen)
            elif news is not None and news.sequence > seen:
                seen = news.sequence
                if told := await board.hear(news):
                    yield told


async def _differs(board: "_Board") -> bool:
    """Whether things stand otherwise than was told; while the database is away nobody knows, and watchers wait."""
    try:
        return await board.look()
    except Unavailable as refusal:
        log.warning("watched feed not compared", extra={"reason": refusal.technical})
        return False


async def _missed(ctx: Context, feed: str, after: int) -> list[Event] | None:
    """The last event of each thing since then; None when not all are known any more, or when they are too many."""
    events = await ctx.services.feed.since(feed, after - 1)
    if not events or events[0].sequence != after:
        return None
    newest: dict[str, Event] = {}
    for event in events[1:]:
        newest.pop(str(event.fields["id"]), None)
        newest[str(event.fields["id"])] = event
    return list(newest.values()) if len(newest) <= MAX_UNDER_WAY else None


@dataclass(slots=True)
class _Board:
    """The generations under way as they were told last, so that most events need no query."""

    ctx: Context
    organization_id: str
    rows: dict[str, Generation] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)

    def state(self, sequence: int) -> Activity:
        """How things stand."""
        return self._told(sequence, ActivityKind.STATE, None)

    async def look(self) -> bool:
        """Read the rows; whether they are not as they were told."""
        user_id = self.ctx.member(self.organization_id).user_id
        async with self.ctx.services.database.transaction() as session:
            rows = await generations.list_unfinished(session, self.organization_id, user_id, MAX_UNDER_WAY)
        self.rows = {row.id: row for row in rows}
        return self.told != {row.id: row.sequence for row in rows}

    async def recall(self, event: Event) -> Activity:
        """A missed event, of which only the outcome is of interest now."""
        kind, subject_id = _kind(event), str(event.fields["id"])
        if kind is not ActivityKind.GENERATION:
            return self._told(event.sequence, kind, subject_id)
        return self._told(event.sequence, kind, subject_id, self.rows.get(subject_id) or await self._read(subject_id))

    async def hear(self, event: Event) -> Activity | None:
        """An event as it comes; None when it was told already."""
        kind, subject_id = _kind(event), str(event.fields["id"])
        if kind is not ActivityKind.GENERATION:
            return self._told(event.sequence, kind, subject_id)
        if self.told.get(subject_id, -1) >= event.fields["sequence"]:
            return None
        row = await self._after(event, self.rows.pop(subject_id, None))
        if row is not None and not jobs.is_terminal(row.status):
            self.rows[subject_id] = row
        return self._told(event.sequence, kind, subject_id, row)

    async def _after(self, event: Event, known: Generation | None) -> Generation | None:
        """The row after an event: whole as the database has it when it is new or over."""
        if known is None or jobs.is_terminal(Status(event.fields["status"])):
            return await self._read(str(event.fields["id"]))
        return known if known.sequence >= event.fields["sequence"] else _gone_on(known, event.fields)

    async def _read(self, generation_id: str) -> Generation | None:
        user_id = self.ctx.member(self.organization_id).user_id
        database = self.ctx.services.database
        found = await by_id.load_generations(database, [generation_id], user_id, [self.organization_id])
        return next(iter(found), None)

    def _told(
        self, sequence: int, kind: ActivityKind, subject_id: str | None, row: Generation | None = None
    ) -> Activity:
        newest = sorted(self.rows.values(), key=lambda row: (row.created_at, row.id), reverse=True)[:MAX_UNDER_WAY]
        self.told = {shown.id: shown.sequence for shown in newest}
        return Activity(sequence, kind, subject_id, row, newest)


def _kind(event: Event) -> ActivityKind:
    """What the event says, or what its id tells of a thing with events of its own."""
    said = event.fields.get("kind")
    return _PUBLISHED[ids.kind_of(str(event.fields["id"]))] if said is None else ActivityKind(said)


def _gone_on(row: Generation, fields: Mapping[str, Any]) -> Generation:
    """The row after an event that did not end it."""
    changes = {**fields, "status": Status(fields["status"])}
    return Generation(**{name: changes.get(name, getattr(row, name)) for name in Generation.model_fields})
