"""Liveness and readiness probes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import Unavailable
from core.version import VERSION
from resolvers.access.context import Services
from rest_compat.responses import JsonResponse
from storage import migrations
from storage.postgres.database import Database, translated_errors
from storage.redis.events import EventLog

_MAX_SECONDS: Final = 1.5
"""Time for all checks, below the usual timeout of a probe."""


async def get_liveness(request: Request) -> Response:  # noqa: ARG001  the signature of an endpoint
    """Return 200 and the version of this process."""
    return JsonResponse({"status": "ok", "version": VERSION})


class Readiness:
    """Check the services of a server. A check that hangs is not started again until it has ended."""

    def __init__(self, services: Services, events: EventLog) -> None:
        self._checks: Mapping[str, Callable[[], Awaitable[None]]] = {
            "database": lambda: _check_database(services.database),
            "redis": lambda: _check_redis(events),
            "storage": services.blobs.check,
        }
        self._running: dict[str, asyncio.Task[str]] = {}

    async def load_states(self) -> dict[str, str]:
        """Return the state of each part after ``_MAX_SECONDS`` at most."""
        for name, check in self._checks.items():
            if name not in self._running or self._running[name].done():
                self._running[name] = asyncio.create_task(_load_state(check))
        running = dict(self._running)
        await asyncio.wait(running.values(), timeout=_MAX_SECONDS)
        return {name: task.result() if task.done() else "no response" for name, task in running.items()}


async def get_readiness(request: Request) -> Response:
    """Return 200 if Postgres, Redis and the blob store respond and the schema is current, else 503. Lists each part."""
    readiness: Readiness = request.state.readiness
    parts = await readiness.load_states()
    is_ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"status": "ok" if is_ready else "unavailable", "parts": parts}, 200 if is_ready else 503)


async def _check_database(database: Database) -> None:
    with translated_errors():
        revision = await migrations.current(database)
    if migrations.is_outdated(revision):
        raise Unavailable("Database schema has another version")
    if not await database.is_writable():
        raise Unavailable("Database is read-only")


async def _check_redis(events: EventLog) -> None:
    try:
        await events.ping()
    except (RedisError, OSError) as error:
        raise Unavailable("Redis is not reachable") from error


async def _load_state(check: Callable[[], Awaitable[None]]) -> str:
    try:
        await check()
    except Unavailable as refusal:
        return refusal.technical
    return "ok"


ROUTES = [Route("/healthz", get_liveness), Route("/readyz", get_readiness)]
