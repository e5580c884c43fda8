"""Browser sessions of the viewer."""

from datetime import datetime

import strawberry

from resolvers.access import browser_sessions
from schema.runtime.context import Info
from schema.runtime.row_types import RowBacked, row_backed
from schema.types.errors import ForbiddenError, NotFoundError
from schema.types.mutations import Input, mutation
from storage import tables


@row_backed(session_id="row.id", browser="row.name")
@strawberry.type(description="A browser in which you are signed in.")
class BrowserSession(RowBacked[tables.ApiKey]):
    session_id: strawberry.ID = strawberry.field(description="The ID, for `endBrowserSession`.")
    browser: str = strawberry.field(description="The User-Agent header of the browser that signed in.")
    created_at: datetime = strawberry.field(description="The time when you signed in.")
    last_used_at: datetime | None = strawberry.field(
        description="The time of a recent request, by default exact to a minute, or null before the first one."
    )
    expires_at: datetime = strawberry.field(description="The time when the session ends.")

    @strawberry.field(description="Whether this request belongs to the session.")
    def is_current(self, info: Info) -> bool:
        return self.row.id == info.context.ctx.caller.credential_id


@strawberry.input(description="The parameters of `endBrowserSession`.")
class EndBrowserSessionInput:
    session_id: strawberry.ID = strawberry.field(description="The ID of one of your sessions.")


@strawberry.type(description="The session has ended.")
class EndBrowserSessionPayload:
    session_id: strawberry.ID = strawberry.field(description="The ID of the session.")


@strawberry.input(description="The parameters of `endBrowserSessions`.")
class EndBrowserSessionsInput:
    include_current: bool | None = strawberry.field(
        default=False, description="Whether to end the session of this request as well."
    )


@strawberry.type(description="The sessions have ended.")
class EndBrowserSessionsPayload:
    ended_count: int = strawberry.field(description="The number of sessions that ended.")


@strawberry.type
class BrowserSessionMutations:
    @mutation(
        "End one of your browser sessions and its sockets at once. Viewers may do this as well.",
        NotFoundError,
        is_personal=True,
    )
    async def end_browser_session(self, info: Info, input: Input[EndBrowserSessionInput]) -> EndBrowserSessionPayload:
        await browser_sessions.end(info.context.ctx, input.session_id)
        return EndBrowserSessionPayload(session_id=input.session_id)

    @mutation(
        "End your browser sessions and their sockets at once, by default except the session of this request. Viewers "
        "may do this as well.",
        ForbiddenError,
        is_personal=True,
    )
    async def end_browser_sessions(
        self, info: Info, input: Input[EndBrowserSessionsInput]
    ) -> EndBrowserSessionsPayload:
        includes_current = bool(input.include_current)
        ended = await browser_sessions.end_all(info.context.ctx, includes_current=includes_current)
        return EndBrowserSessionsPayload(ended_count=ended)
