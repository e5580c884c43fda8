"""Follow the activity feed of a user in an organization: unfinished generations, and changes of what the user owns."""

import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from core import activity as feeds
from core import ids, jobs
from core.activity import ActivityKind
from core.errors import Unavailable
from core.jobs import Status
from resolvers.access.context import Context
from resolvers.generations import generations
from resolvers.generations.generation_events import apply_event
from storage.queries import generations as queries
from storage.queries import owned
from storage.redis.events import Event
from storage.tables import Generation

log = logging.getLogger(__name__)

MAX_UNFINISHED: Final = 100
"""The most unfinished generations in an event (the newest), and the most missed events that are replayed."""

_POLL_SECONDS: Final = 30.0
"""How often to compare with the rows while no event arrives: the event log may be unreachable."""

_KINDS: Final[Mapping[ids.Kind | None, ActivityKind]] = {
    ids.Kind.GENERATION: ActivityKind.GENERATION,
    ids.Kind.FOCUS_SESSION: ActivityKind.FOCUS_SESSION,
}
"""Subjects whose events name no kind."""


@dataclass(frozen=True, slots=True)
class ActivityEvent:
    """An event of the feed, with all unfinished generations after it.

    ``subject_id`` is the id of the generation, focus session, track or share link that changed; ``generation`` is set
    if it is a generation.
    """

    sequence: int
    kind: ActivityKind
    subject_id: str | None
    generation: Generation | None
    unfinished: Sequence[Generation]


async def watch(
    ctx: Context, organization_id: str, after: int | None = None, *, poll_seconds: float = _POLL_SECONDS
) -> AsyncGenerator[ActivityEvent, None]:
    """Yield the current state, then every change.

    With ``after``, yield the events since that one instead of the state, the last one of each subject, if the event log
    still has them all.
    """
    feed = feeds.feed_name(organization_id, ctx.require_member(organization_id).user_id)
    async with ctx.services.feed.subscribe(feed) as subscription:
        state = _FeedState(ctx, organization_id)
        seen = await ctx.services.feed.newest_sequence(feed)
        missed = None if after is None else await _missed_events(ctx, feed, after)
        await state.reload()
        if missed is None:
            yield state.snapshot(seen)
        for event in missed or ():
            yield await state.replay(event)
            seen = max(seen, event.sequence)
        while True:
            live = await subscription.next(poll_seconds)
            if subscription.pop_overflow():
                seen = max(seen + 1, await ctx.services.feed.newest_sequence(feed))
                await state.reload()
                yield state.snapshot(seen)
            elif live is None and await _has_changed(state):
                seen += 1
                yield state.snapshot(seen)
            elif live is not None and live.sequence > seen:
                seen = live.sequence
                if activity_event := await state.apply(live):
                    yield activity_event


async def _has_changed(state: "_FeedState") -> bool:
    """Reload and return whether something changed without an event; false while the database is unreachable."""
    try:
        return await state.reload()
    except Unavailable as refusal:
        log.warning("activity feed not compared with the database", extra={"reason": refusal.technical})
        return False


async def _missed_events(ctx: Context, feed: str, after: int) -> list[Event] | None:
    """Return the last event of each subject behind ``after``; None when the log lacks some or there are too many."""
    events = await ctx.services.feed.since(feed, after - 1)
    if not events or events[0].sequence != after:
        return None
    newest: dict[str, Event] = {}
    for event in events[1:]:
        newest.pop(str(event.fields["id"]), None)
        newest[str(event.fields["id"])] = event
    return list(newest.values()) if len(newest) <= MAX_UNFINISHED else None


@dataclass(slots=True)
class _FeedState:
    """The unfinished generations as last yielded, so that most events need no query."""

    ctx: Context
    organization_id: str
    rows: dict[str, Generation] = field(default_factory=dict)
    yielded: dict[str, int] = field(default_factory=dict)
    """Sequence numbers by generation."""

    def snapshot(self, sequence: int) -> ActivityEvent:
        return self._event(sequence, ActivityKind.STATE, None)

    async def reload(self) -> bool:
        """Read the rows; return whether they differ from those last yielded."""
        user_id = self.ctx.require_member(self.organization_id).user_id
        async with self.ctx.services.database.transaction() as session:
            is_unfinished = queries.is_listed() & queries.IS_UNFINISHED
            rows = await owned.page(
                session, Generation, self.organization_id, user_id, is_unfinished, limit=MAX_UNFINISHED
            )
        self.rows = {row.id: row for row in rows}
        return self.yielded != {row.id: row.sequence for row in rows}

    async def replay(self, event: Event) -> ActivityEvent:
        """Build the activity event of a missed event, with the generation's present state."""
        kind, subject_id = _kind(event), str(event.fields["id"])
        if kind is not ActivityKind.GENERATION:
            return self._event(event.sequence, kind, subject_id)
        row = self.rows.get(subject_id) or await generations.find(self.ctx, subject_id, self.organization_id)
        return self._event(event.sequence, kind, subject_id, row)

    async def apply(self, event: Event) -> ActivityEvent | None:
        """Build the activity event of a live event; None when that state was yielded before."""
        kind, subject_id = _kind(event), str(event.fields["id"])
        if kind is not ActivityKind.GENERATION:
            return self._event(event.sequence, kind, subject_id)
        if self.yielded.get(subject_id, -1) >= event.fields["sequence"]:
            return None
        row = await self._row_after(event, self.rows.pop(subject_id, None))
        if row is not None and not jobs.is_terminal(row.status):
            self.rows[subject_id] = row
        return self._event(event.sequence, kind, subject_id, row)

    async def _row_after(self, event: Event, known: Generation | None) -> Generation | None:
        """Return the row after an event; from the database if the generation is new or has ended."""
        if known is None or jobs.is_terminal(Status(event.fields["status"])):
            return await generations.find(self.ctx, str(event.fields["id"]), self.organization_id)
        sequence: int = event.fields["sequence"]
        return known if known.sequence >= sequence else apply_event(known, sequence, event.fields)

    def _event(
        self, sequence: int, kind: ActivityKind, subject_id: str | None, row: Generation | None = None
    ) -> ActivityEvent:
        newest = sorted(self.rows.values(), key=lambda row: (row.created_at, row.id), reverse=True)[:MAX_UNFINISHED]
        self.yielded = {unfinished.id: unfinished.sequence for unfinished in newest}
        return ActivityEvent(sequence, kind, subject_id, row, newest)


def _kind(event: Event) -> ActivityKind:
    kind = event.fields.get("kind")
    return _KINDS[ids.kind_of(str(event.fields["id"]))] if kind is None else ActivityKind(kind)
