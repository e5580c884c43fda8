"""Mutations of focus sessions: start, end, steer, promote a segment."""

import strawberry
from strawberry import UNSET

from core.focus import Goal, Intensity
from resolvers.focus import promotions, sessions, steering
from resolvers.focus.commands import PromoteFocusSegment, StartFocusSessionGraphQL, SteerFocusSession
from schema.runtime.context import Info
from schema.types.errors import ConflictError, InvalidInputError, NotFoundError, SubmissionError
from schema.types.focus import FocusSession
from schema.types.libraries import LibraryEntry
from schema.types.mutations import Input, mutation, to_command


@strawberry.input(description="The parameters of `startFocusSession`.")
class StartFocusSessionInput:
    organization_id: strawberry.ID = strawberry.field(description="The ID of the organization that pays.")
    goal: Goal = strawberry.field(description="The purpose of the session.")
    target_minutes: int = strawberry.field(description="The duration, 1 to 720 minutes.")
    custom_prompt: str | None = strawberry.field(
        default=None,
        description="A description of the music, 1 to 2000 characters. Required for the goal `CUSTOM_PROMPT`, ignored "
        "for others.",
    )
    intensity: Intensity | None = strawberry.field(default=Intensity.MEDIUM, description="The intensity of the music.")
    divergence: float | None = strawberry.field(
        default=0.0, description="How much segments differ, from 0.0 (variations) to 1.0 (a new journey each)."
    )
    engine: str | None = strawberry.field(
        default=None,
        description="The key of an engine that supports focus sessions. Default: the default engine if it does, "
        "otherwise the first one that does.",
    )
    seed: int | None = strawberry.field(
        default=None, description="The seed, 0 to 2147483647. The same seed and controls give the same music."
    )
    prefetch: bool | None = strawberry.field(
        default=False, description="Whether to render all segments ahead of playback."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="Repeating the mutation with the same key returns the same session."
    )


@strawberry.input(description="The parameters of `endFocusSession`.")
class EndFocusSessionInput:
    id: strawberry.ID = strawberry.field(description="The ID of the focus session.")


@strawberry.input(description="The parameters of `steerFocusSession`. Omitted controls stay unchanged.")
class SteerFocusSessionInput:
    session_id: strawberry.ID = strawberry.field(description="The ID of the focus session.")
    intensity: Intensity | None = strawberry.field(default=UNSET, description="The intensity of the music.")
    divergence: float | None = strawberry.field(
        default=UNSET, description="How much segments differ, from 0.0 (variations) to 1.0 (a new journey each)."
    )
    prompt: str | None = strawberry.field(
        default=UNSET, description="A description of the music, for any goal. Null or blank text removes it."
    )


@strawberry.input(description="The parameters of `promoteFocusSegment`.")
class PromoteFocusSegmentInput:
    session_id: strawberry.ID = strawberry.field(description="The ID of the focus session.")
    segment_index: int = strawberry.field(description="The index of the segment, from 0.")
    title: str | None = strawberry.field(default=None, description="The title. Default: the segment's own title.")


@strawberry.type(description="The session was started.")
class StartFocusSessionPayload:
    session: FocusSession = strawberry.field(description="The new session, or the one with the same idempotency key.")
    is_replay: bool = strawberry.field(description="Whether the session was created by an earlier request.")


@strawberry.type(description="No further segments are rendered. Ready segments stay available.")
class EndFocusSessionPayload:
    session: FocusSession = strawberry.field(description="The session.")


@strawberry.type(description="The controls were changed.")
class SteerFocusSessionPayload:
    session: FocusSession = strawberry.field(description="The session with its new controls.")
    from_segment_index: int = strawberry.field(description="The index of the first segment with the new controls.")
    in_seconds: float = strawberry.field(
        description="The estimated time until this segment starts to play, in seconds."
    )


@strawberry.type(description="The segment was saved as a track in your library.")
class PromoteFocusSegmentPayload:
    entry: LibraryEntry = strawberry.field(description="The library entry, new or existing.")


@strawberry.type
class FocusMutations:
    @mutation("Start a focus session. Its first segment is rendered immediately.", SubmissionError)
    async def start_focus_session(self, info: Info, input: Input[StartFocusSessionInput]) -> StartFocusSessionPayload:
        command = to_command(StartFocusSessionGraphQL, input, "organization_id", "idempotency_key")
        snapshot, is_replay = await sessions.start(
            info.context.ctx, input.organization_id, command, input.idempotency_key
        )
        return StartFocusSessionPayload(session=FocusSession.from_row(snapshot), is_replay=is_replay)

    @mutation("End a focus session: no further segments are rendered. Ending it again changes nothing.", NotFoundError)
    async def end_focus_session(self, info: Info, input: Input[EndFocusSessionInput]) -> EndFocusSessionPayload:
        snapshot = await sessions.end(info.context.ctx, input.id)
        return EndFocusSessionPayload(session=FocusSession.from_row(snapshot))

    @mutation(
        "Change the controls of a focus session, from the next segment to be rendered.",
        NotFoundError | InvalidInputError | ConflictError,
    )
    async def steer_focus_session(self, info: Info, input: Input[SteerFocusSessionInput]) -> SteerFocusSessionPayload:
        command = to_command(SteerFocusSession, input, "session_id")
        steered = await steering.steer(info.context.ctx, input.session_id, command)
        return SteerFocusSessionPayload(
            session=FocusSession.from_row(steered.snapshot),
            from_segment_index=steered.from_index,
            in_seconds=steered.in_seconds,
        )

    @mutation(
        "Save a segment as a track in your library. Repeating the mutation returns the same entry.",
        NotFoundError | InvalidInputError | ConflictError,
    )
    async def promote_focus_segment(
        self, info: Info, input: Input[PromoteFocusSegmentInput]
    ) -> PromoteFocusSegmentPayload:
        command = to_command(PromoteFocusSegment, input, "session_id", "segment_index")
        index = str(input.segment_index)
        promoted = await promotions.promote(info.context.ctx, input.session_id, index, command)
        return PromoteFocusSegmentPayload(entry=LibraryEntry.from_rows(promoted.entry, promoted.track))
