"""Generations submitted without an interface, their rows and their cost."""

from decimal import Decimal

from resolvers.access import content_policy
from resolvers.access.context import Caller, Context, Services
from resolvers.access.validation import Unvalidated
from resolvers.generations import generations as use_cases
from resolvers.generations.commands import CreateGenerationGraphQL
from storage.blobs.local import LocalBlobs
from storage.blobs.signed_urls import UrlSigner
from storage.postgres.database import Database
from storage.queries import spending
from storage.redis.rate_limits import RateLimiter
from storage.tables import FocusSession, Generation, Role
from tests.support.users import Cast
from workers.services import WorkerServices


def context(services: WorkerServices, cast: Cast) -> Context:
    """Return the context of a request of Ada's, without an interface."""
    parts = Services(
        services.database,
        LocalBlobs(services.settings.storage_dir, UrlSigner("http://x", b"k")),
        services.queue,
        services.events,
        RateLimiter(str(services.settings.redis_url)),
        services.engines,
        content_policy.load(),
        services.settings,
    )
    return Context(parts, Caller(cast.ada.user_id, {cast.ada.organization_id: Role.MEMBER}))


async def submit_directly(services: WorkerServices, cast: Cast, **fields: object) -> Generation:
    """Create a queued job of Ada's, with these fields of GraphQL, by the use case that both interfaces call."""
    given = {"engine": "studio", "prompt": "x", "duration_seconds": 5, **fields}
    request = Unvalidated(CreateGenerationGraphQL, given)
    row, _ = await use_cases.create(context(services, cast), cast.ada.organization_id, request)
    return row


async def load_generation(database: Database, generation_id: str) -> Generation:
    async with database.transaction() as session:
        row = await session.get(Generation, generation_id)
    assert row is not None
    return row


async def sum_spending(database: Database, row: Generation | FocusSession) -> Decimal:
    """Return what the organization of a row has spent and reserved since the start of the row's day in UTC."""
    async with database.transaction() as session:
        [spent] = await spending.sum_committed(session, row.organization_id, row.created_at)
    return spent
