"""Focus sessions and the workers that render them, in one process."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from core.jobs import Status
from core.settings import Settings
from engines.port import RenderRequest
from resolvers.access import content_policy
from resolvers.access.context import Caller, Context, Services
from resolvers.access.validation import Unvalidated
from resolvers.focus import sessions
from resolvers.focus.commands import StartFocusSessionGraphQL
from resolvers.focus.snapshots import Snapshot
from storage.blobs.local import LocalBlobs
from storage.blobs.signed_urls import UrlSigner
from storage.postgres.database import Database
from storage.redis.rate_limits import RateLimiter
from storage.tables import Generation, Role
from tests.support.jobs import instant_engine
from tests.support.users import Cast
from workers.jobs.generation import run
from workers.services import WorkerServices, connect

Act = Callable[[RenderRequest], None]


@dataclass(frozen=True, slots=True)
class FocusStudio:
    """A listener and workers of one process."""

    ctx: Context
    services: WorkerServices
    organization_id: str

    async def start(self, **fields: Any) -> str:  # noqa: ANN401  fields of any command
        defaults = {"goal": "focus", "target_minutes": 6, "prefetch": True}
        request = Unvalidated(StartFocusSessionGraphQL, {**defaults, **fields})
        view, _ = await sessions.start(self.ctx, self.organization_id, request)
        return view.row.id

    async def view(self, session_id: str) -> Snapshot:
        return await sessions.poll_or_raise(self.ctx, session_id)

    async def run_until_idle(self, database: Database) -> None:
        """Run jobs until none is queued or running."""
        while await _has_unfinished(database):
            await run(self.services)


@asynccontextmanager
async def focus_studio(settings: Settings, cast: Cast, act: Act = lambda _: None) -> AsyncIterator[FocusStudio]:
    async with connect(settings, instant_engine.build_registry(act)) as services:
        blobs = LocalBlobs(settings.storage_dir, UrlSigner("http://x", b"k"))
        limiter = RateLimiter(str(settings.redis_url))
        shared_services = Services(
            services.database,
            blobs,
            services.queue,
            services.events,
            limiter,
            services.engines,
            content_policy.load(),
            settings,
        )
        ctx = Context(shared_services, Caller(cast.ada.user_id, {cast.ada.organization_id: Role.MEMBER}))
        yield FocusStudio(ctx, services, cast.ada.organization_id)
        await limiter.close()


async def _has_unfinished(database: Database) -> bool:
    statement = select(Generation).where(col(Generation.status).in_([Status.QUEUED, Status.RUNNING])).limit(1)
    async with database.transaction() as session:
        return (await session.scalar(statement)) is not None
