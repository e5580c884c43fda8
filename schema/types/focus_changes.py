"""What a listener does with focus sessions: start, steer, end, keep a segment."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from core.focus import Goal, Intensity
from resolvers.focus import promotions, sessions, steering
from resolvers.focus.commands import StartFocusSessionBeyond
from schema.runtime.context import Info
from schema.types.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    RateLimitedError,
    SpendCapError,
    UnavailableError,
)
from schema.types.focus import FocusSession
from schema.types.libraries import LibraryEntry


@strawberry.input(description="What to listen to, and for how long.")
class StartFocusSessionInput:
    """Decoded into StartFocusSession, where the rules stand."""

    organization_id: strawberry.ID = strawberry.field(description="Who pays.")
    goal: Goal = strawberry.field(description="What the music is for.")
    target_minutes: int = strawberry.field(description="How long it shall last, 1 to 720 minutes.")
    custom_prompt: str | None = strawberry.field(
        default=None, description="Your own words, 1 to 2000 characters: with the goal CUSTOM_PROMPT, and only there."
    )
    intensity: Intensity = strawberry.field(default=Intensity.MEDIUM, description="How much shall happen.")
    divergence: float = strawberry.field(default=0.0, description="0.0, segments are siblings, to 1.0, journeys.")
    engine: str | None = strawberry.field(default=None, description="Key of an engine that supports focus sessions.")
    seed: int | None = strawberry.field(default=None, description="0 to 2147483647: the same seed, the same music.")
    prefetch: bool = strawberry.field(
        default=False, description="Whether to make all segments without waiting for the listener."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="Sent again, it answers the same session and starts nothing new."
    )


@strawberry.input(description="Which session to end.")
class EndFocusSessionInput:
    """Decoded into an id."""

    id: strawberry.ID = strawberry.field(description="The session.")


@strawberry.input(description="What to change while it plays; what is left out stays.")
class SteerFocusSessionInput:
    """Decoded into SteerFocusSession, where the rules stand."""

    session_id: strawberry.ID = strawberry.field(description="The session.")
    intensity: Intensity | None = strawberry.field(default=UNSET, description="How much shall happen.")
    divergence: float | None = strawberry.field(
        default=UNSET, description="0.0, segments are siblings, to 1.0, journeys."
    )
    prompt: str | None = strawberry.field(
        default=UNSET, description="Your own words, whatever the goal; null takes them back."
    )


@strawberry.input(description="Which segment to keep.")
class PromoteFocusSegmentInput:
    """Decoded into PromoteFocusSegment, where the rules stand."""

    session_id: strawberry.ID = strawberry.field(description="The session.")
    segment_index: int = strawberry.field(description="The segment's place in it, from 0.")
    title: str | None = strawberry.field(default=None, description="What to call it; its own title if left out.")


@strawberry.type(description="The session was started.")
class StartFocusSessionPayload:
    """Success of startFocusSession."""

    session: FocusSession = strawberry.field(description="The new session, or the earlier one under the same key.")
    is_replay: bool = strawberry.field(description="Whether an earlier request under this key is answered again.")


@strawberry.type(description="Nothing new is made; what is ready can still be played.")
class EndFocusSessionPayload:
    """Success of endFocusSession."""

    session: FocusSession = strawberry.field(description="The session.")


@strawberry.type(description="The change was noted.")
class SteerFocusSessionPayload:
    """Success of steerFocusSession."""

    session: FocusSession = strawberry.field(description="The session with its new controls.")
    from_segment_index: int = strawberry.field(description="The first segment that is made with them.")
    in_seconds: float = strawberry.field(description="How long until it is heard.")


@strawberry.type(description="The segment is a track in your library.")
class PromoteFocusSegmentPayload:
    """Success of promoteFocusSegment."""

    entry: LibraryEntry = strawberry.field(description="The new entry, or the one that was there.")


StartFocusSessionResult = Annotated[
    StartFocusSessionPayload
    | InvalidInputError
    | ForbiddenError
    | ConflictError
    | SpendCapError
    | RateLimitedError
    | UnavailableError,
    strawberry.union("StartFocusSessionResult", description="What startFocusSession answers."),
]
EndFocusSessionResult = Annotated[
    EndFocusSessionPayload | NotFoundError | UnavailableError,
    strawberry.union("EndFocusSessionResult", description="What endFocusSession answers."),
]
SteerFocusSessionResult = Annotated[
    SteerFocusSessionPayload | NotFoundError | InvalidInputError | ConflictError | UnavailableError,
    strawberry.union("SteerFocusSessionResult", description="What steerFocusSession answers."),
]
PromoteFocusSegmentResult = Annotated[
    PromoteFocusSegmentPayload | NotFoundError | InvalidInputError | ConflictError | UnavailableError,
    strawberry.union("PromoteFocusSegmentResult", description="What promoteFocusSegment answers."),
]


@strawberry.type
class FocusMutations:
    """Mixed into Mutation."""

    @strawberry.mutation(description="Start music that goes on; its first segment is made at once.")
    async def start_focus_session(
        self,
        info: Info,
        input: Annotated[StartFocusSessionInput, strawberry.argument(description="What to listen to.")],  # noqa: A002
    ) -> StartFocusSessionResult:
        """See focus.start."""
        fields = {name: value for name, value in vars(input).items() if value is not UNSET and value is not None}
        organization_id, key = fields.pop("organization_id"), fields.pop("idempotency_key", None)
        view, is_replay = await sessions.start(info.context.ctx, organization_id, fields, StartFocusSessionBeyond, key)
        return StartFocusSessionPayload(session=FocusSession.from_snapshot(view), is_replay=is_replay)

    @strawberry.mutation(description="End a session: nothing new is made. Again, it stays as it is.")
    async def end_focus_session(
        self,
        info: Info,
        input: Annotated[EndFocusSessionInput, strawberry.argument(description="Which one.")],  # noqa: A002
    ) -> EndFocusSessionResult:
        """See focus.end."""
        return EndFocusSessionPayload(
            session=FocusSession.from_snapshot(await sessions.end(info.context.ctx, input.id))
        )

    @strawberry.mutation(description="Change the music while it plays, from the next segment that is not begun yet.")
    async def steer_focus_session(
        self,
        info: Info,
        input: Annotated[SteerFocusSessionInput, strawberry.argument(description="What to change.")],  # noqa: A002
    ) -> SteerFocusSessionResult:
        """See focus_steering.steer."""
        fields = {name: value for name, value in vars(input).items() if value is not UNSET}
        steered = await steering.steer(info.context.ctx, fields.pop("session_id"), fields)
        return SteerFocusSessionPayload(
            session=FocusSession.from_snapshot(steered.view),
            from_segment_index=steered.from_index,
            in_seconds=steered.in_seconds,
        )

    @strawberry.mutation(description="Keep a segment as a track in your library; again, it answers the same entry.")
    async def promote_focus_segment(
        self,
        info: Info,
        input: Annotated[PromoteFocusSegmentInput, strawberry.argument(description="Which one.")],  # noqa: A002
    ) -> PromoteFocusSegmentResult:
        """See focus_promotions.promote."""
        fields = {} if input.title is None else {"title": input.title}
        index = str(input.segment_index)
        kept = await promotions.promote(info.context.ctx, input.session_id, index, fields)
        return PromoteFocusSegmentPayload(entry=LibraryEntry.from_rows(kept.entry, kept.track))
