"""Liveness and readiness probes."""

from collections.abc import Awaitable

from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import Unavailable
from core.version import VERSION
from resolvers.access.context import Services
from rest_compat.responses import JsonResponse
from storage import migrations
from storage.postgres.database import Database
from storage.redis.events import EventLog


async def get_liveness(request: Request) -> Response:  # noqa: ARG001  the signature of an endpoint
    """Return 200 and the version of this process."""
    return JsonResponse({"status": "ok", "version": VERSION})


async def get_readiness(request: Request) -> Response:
    """Return 200 if Postgres, Redis and the blob store respond and the schema is current, else 503. Lists each part."""
    services: Services = request.state.services
    events: EventLog = request.state.events
    parts = {
        "database": await _state(_check_schema(services.database)),
        "redis": await _state(events.ping()),
        "storage": await _state(services.blobs.check()),
    }
    is_ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"status": "ok" if is_ready else "unavailable", "parts": parts}, 200 if is_ready else 503)


async def _check_schema(database: Database) -> None:
    if migrations.is_outdated(await migrations.current(database)):
        raise Unavailable("Database schema has another version")
    if not await database.is_writable():
        raise Unavailable("Database is read-only")


async def _state(check: Awaitable[None]) -> str:
    try:
        await check
    except Unavailable as refusal:
        return refusal.technical
    except (RedisError, OSError):
        return "not reachable"
    return "ok"


ROUTES = [Route("/healthz", get_liveness), Route("/readyz", get_readiness)]
