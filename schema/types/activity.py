"""What goes on for you in an organization, in one feed."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, Self

import strawberry

from core.activity import ActivityKind
from resolvers.focus import sessions
from resolvers.library import libraries
from resolvers.organizations import activity
from resolvers.organizations.activity import Activity as Told
from schema.runtime.context import Info
from schema.types.focus import FocusSession
from schema.types.generations import Generation
from schema.types.libraries import LibraryEntry
from schema.types.share_links import ShareLink
from schema.types.tracks import Track

ActivitySubject = Annotated[
    Generation | FocusSession | Track | LibraryEntry | ShareLink,
    strawberry.union(
        "ActivitySubject",
        description="What an event of a feed is about, as it is now. Ask for the track of a library entry under an "
        "alias: that field is never null, others of the name may be.",
    ),
]


@strawberry.type(description="An event of your feed, and how things stand after it.")
class Activity:
    """From what the feed tells."""

    sequence: int = strawberry.field(description="Number of the event; resume behind it with `after`.")
    kind: ActivityKind = strawberry.field(description="What happened.")
    subject_id: strawberry.ID | None = strawberry.field(
        description="Id of the generation, session, track or link that it is about; null for how things stand."
    )
    generations: list[Generation] = strawberry.field(
        description=f"Your generations here that wait or are being worked on, newest first, "
        f"up to {activity.MAX_UNDER_WAY}."
    )
    event: strawberry.Private[Told]

    @strawberry.field(description="What it is about; null for how things stand, and for what is gone.")
    async def subject(self, info: Info) -> ActivitySubject | None:
        """By the kind of the event."""
        match self.event.kind:
            case ActivityKind.GENERATION:
                return Generation.from_row(self.event.generation) if self.event.generation else None
            case ActivityKind.FOCUS_SESSION:
                view = await sessions.find(info.context.ctx, str(self.event.subject_id))
                return FocusSession.from_snapshot(view) if view else None
            case ActivityKind.TRACK:
                return await self._track(info)
            case ActivityKind.LIBRARY_ENTRY:
                kept = await libraries.find(info.context.ctx, str(self.event.subject_id))
                return LibraryEntry.from_rows(*kept) if kept else None
            case ActivityKind.SHARE_LINK:
                link = await info.context.loaders.share_link.load(str(self.event.subject_id))
                return ShareLink.from_row(link) if link else None
            case _:
                return None

    async def _track(self, info: Info) -> Track | None:
        row = await info.context.loaders.track.load(str(self.event.subject_id))
        return Track.from_row(row) if row else None

    @classmethod
    def from_event(cls, told: Told) -> Self:
        """The event as a type."""
        return cls(
            sequence=told.sequence,
            kind=told.kind,
            subject_id=strawberry.ID(told.subject_id) if told.subject_id else None,
            generations=[Generation.from_row(row) for row in told.under_way],
            event=told,
        )


@strawberry.type
class ActivitySubscriptions:
    """Mixed into Subscription."""

    @strawberry.subscription(
        description="How things stand for you in an organization, and then each change of what is yours: what is made "
        "for you, what you save, what you share. With `after` the last change of each thing since then comes first, if "
        "all are still known; otherwise the feed begins anew."
    )
    async def activity(
        self,
        info: Info,
        organization_id: Annotated[strawberry.ID, strawberry.argument(description="The organization.")],
        after: Annotated[int | None, strawberry.argument(description="Sequence of the last event you saw.")] = None,
    ) -> AsyncGenerator[Activity, Any]:
        """See activity.watch."""
        async with aclosing(activity.watch(info.context.ctx, organization_id, after)) as events:
            async for told in events:
                info.context.renew(told.sequence)
                yield Activity.from_event(told)
