"""Focus sessions: endless music in segments that overlap."""

from collections.abc import AsyncIterator

from music_studio_client._async.concurrency import closing
from music_studio_client._async.resources import Resource, existing, resume
from music_studio_client.errors import payload_of
from music_studio_client.graphql.end_focus_session import EndFocusSessionResultEndFocusSessionPayload
from music_studio_client.graphql.enums import FocusSessionStatus
from music_studio_client.graphql.input_types import (
    EndFocusSessionInput,
    PromoteFocusSegmentInput,
    StartFocusSessionInput,
    SteerFocusSessionInput,
)
from music_studio_client.graphql.list_focus_sessions import ListFocusSessionsOrganizationFocusSessions
from music_studio_client.graphql.promote_focus_segment import PromoteFocusSegmentResultPromoteFocusSegmentPayload
from music_studio_client.graphql.start_focus_session import StartFocusSessionResultStartFocusSessionPayload
from music_studio_client.graphql.steer_focus_session import SteerFocusSessionResultSteerFocusSessionPayload
from music_studio_client.models import (
    FocusGoal,
    FocusIntensity,
    FocusSession,
    FocusSessionState,
    FocusUpdate,
    LibraryEntry,
)


class Focus(Resource):
    """The focus sessions of an organization."""

    async def start(
        self,
        goal: FocusGoal = FocusGoal.FOCUS,
        *,
        minutes: int = 60,
        prompt: str | None = None,
        intensity: FocusIntensity = FocusIntensity.MEDIUM,
        divergence: float = 0,
        engine: str | None = None,
        seed: int | None = None,
        prefetch: bool = False,
    ) -> FocusSession:
        """Start a session. `divergence` is the difference between segments, 0 to 1; `prompt` needs no goal."""
        request = StartFocusSessionInput(
            organization_id=await self.organization.id(),
            goal=FocusGoal.CUSTOM_PROMPT if prompt else goal,
            target_minutes=minutes,
            custom_prompt=prompt,
            intensity=intensity,
            divergence=divergence,
            engine=engine,
            seed=seed,
            prefetch=prefetch,
        )
        result = await self.operations.start_focus_session(request)
        return payload_of(result, StartFocusSessionResultStartFocusSessionPayload).session

    async def get(self, session_id: str) -> FocusSessionState:
        """Return a session with its first 100 segments. Raises NotFoundError."""
        found = await self.operations.get_focus_session(session_id)
        return existing(found, FocusSessionState, f"focus session {session_id}")

    async def list(self, *, page_size: int = 50) -> AsyncIterator[FocusSession]:
        """Yield the sessions, newest first. Pages are requested as needed."""
        organization_id = await self.organization.id()

        async def load(after: str | None) -> ListFocusSessionsOrganizationFocusSessions | None:
            found = await self.operations.list_focus_sessions(organization_id, page_size, after)
            return found.focus_sessions if found else None

        async for session in self.paginate(load):
            yield session

    async def watch(self, session_id: str) -> AsyncIterator[FocusUpdate]:
        """Yield the state now and after each change, with new segments once, until the session ends."""
        after: int | None = None
        async with closing(resume(lambda: self.operations.watch_focus_session(session_id, after))) as updates:
            async for update in updates:
                after = update.sequence
                yield update
                if update.session.status is not FocusSessionStatus.ACTIVE:
                    return

    async def steer(
        self,
        session_id: str,
        *,
        intensity: FocusIntensity | None = None,
        divergence: float | None = None,
        prompt: str | None = None,
    ) -> SteerFocusSessionResultSteerFocusSessionPayload:
        """Change the music; `in_seconds` of the result is the time until it plays."""
        fields = {"sessionId": session_id, "intensity": intensity, "divergence": divergence, "prompt": prompt}
        request = SteerFocusSessionInput.model_validate(
            {name: value for name, value in fields.items() if value is not None}
        )
        result = await self.operations.steer_focus_session(request)
        return payload_of(result, SteerFocusSessionResultSteerFocusSessionPayload)

    async def promote(self, session_id: str, segment_index: int, title: str | None = None) -> LibraryEntry:
        """Keep a segment as a track in the library."""
        request = PromoteFocusSegmentInput(session_id=session_id, segment_index=segment_index, title=title)
        result = await self.operations.promote_focus_segment(request)
        return payload_of(result, PromoteFocusSegmentResultPromoteFocusSegmentPayload).entry

    async def end(self, session_id: str) -> FocusSession:
        """End a session. Its finished segments can still be played."""
        result = await self.operations.end_focus_session(EndFocusSessionInput(id=session_id))
        return payload_of(result, EndFocusSessionResultEndFocusSessionPayload).session
