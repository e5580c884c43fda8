"""The activity feed of a user in an organization."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any

import strawberry

from core.activity import ActivityKind
from resolvers.focus import sessions
from resolvers.generations import activity_feed
from resolvers.generations.activity_feed import ActivityEvent
from resolvers.library import libraries
from schema.limits.field_costs import ListSize
from schema.runtime import subscriptions
from schema.runtime.context import Info
from schema.runtime.row_types import RowBacked, row_backed
from schema.runtime.subscriptions import AfterSequence
from schema.types.focus import FocusSession
from schema.types.generations import Generation
from schema.types.libraries import LibraryEntry
from schema.types.sharing import ShareLink
from schema.types.tracks import Track

ActivitySubject = Annotated[
    Generation | FocusSession | Track | LibraryEntry | ShareLink,
    strawberry.union("ActivitySubject", description="The subject of an event, in its current state."),
]


@row_backed(
    subject_id=lambda activity: activity.row.subject_id or None,
    generations=lambda activity: [Generation.from_row(row) for row in activity.row.unfinished],
)
@strawberry.type(description="An event of your activity feed, with your unfinished generations after it.")
class Activity(RowBacked[ActivityEvent]):
    sequence: int = strawberry.field(description="The sequence number of the event. Pass it as `after` to resume.")
    kind: ActivityKind = strawberry.field(description="The kind of the event.")
    subject_id: strawberry.ID | None = strawberry.field(
        description="The ID of the generation, focus session, track or share link, or null for a `STATE` event."
    )
    generations: list[Generation] = strawberry.field(
        directives=[ListSize(assumed_size=activity_feed.MAX_UNFINISHED)],
        description=f"Your queued and running generations in the organization, newest first, up to "
        f"{activity_feed.MAX_UNFINISHED}.",
    )

    @strawberry.field(description="The subject, or null for a `STATE` event or if the subject no longer exists.")
    async def subject(self, info: Info) -> ActivitySubject | None:
        subject_id = str(self.row.subject_id)
        match self.row.kind:
            case ActivityKind.GENERATION:
                return Generation.from_optional(self.row.generation)
            case ActivityKind.FOCUS_SESSION:
                return FocusSession.from_optional(await sessions.find(info.context.ctx, subject_id))
            case ActivityKind.TRACK:
                return await Track.load(info, subject_id)
            case ActivityKind.LIBRARY_ENTRY:
                return LibraryEntry.from_optional(await libraries.find(info.context.ctx, subject_id))
            case ActivityKind.SHARE_LINK:
                return ShareLink.from_optional(await info.context.loaders.share_link.load(subject_id))
            case _:
                return None


@strawberry.type
class ActivitySubscriptions:
    @strawberry.subscription(
        description="Your activity feed in an organization: a `STATE` event, then an event for each change of your "
        "generations, focus sessions, library and share links. With `after`, the feed starts with the latest change of "
        "each object since then; if events since then are no longer stored, it starts with a `STATE` event."
    )
    def activity(
        self,
        info: Info,
        organization_id: Annotated[strawberry.ID, strawberry.argument(description="The ID of the organization.")],
        after: AfterSequence = None,
    ) -> AsyncGenerator[Activity, Any]:
        events = activity_feed.watch(info.context.ctx, organization_id, after)
        return subscriptions.stream(info, events, lambda event: event.sequence, Activity.from_row)
