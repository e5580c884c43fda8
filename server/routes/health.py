"""Liveness and readiness probes."""

from collections.abc import Awaitable

from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import Unavailable
from core.version import VERSION
from rest_compat.responses import JsonResponse
from server.bootstrap import Opened
from storage import migrations


async def alive(request: Request) -> Response:  # noqa: ARG001  an endpoint takes one
    """Return 200 and the version of this process."""
    return JsonResponse({"status": "ok", "version": VERSION})


async def ready(request: Request) -> Response:
    """200 when Postgres, Redis and the blob store answer and the schema is this code's; else 503, part by part."""
    opened: Opened = request.state.opened
    parts = {
        "database": await _state(_check_database(opened)),
        "redis": await _state(opened.events.ping()),
        "storage": await _state(opened.services.blobs.check()),
    }
    is_ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"status": "ok" if is_ready else "unavailable", "parts": parts}, 200 if is_ready else 503)


async def _check_database(opened: Opened) -> None:
    if await migrations.current(opened.services.database) != migrations.head():
        raise Unavailable("schema is not this version's")


async def _state(check: Awaitable[None]) -> str:
    try:
        await check
    except Unavailable as refusal:
        return refusal.technical
    except (RedisError, OSError):
        return "not reachable"
    return "ok"


ROUTES = [Route("/healthz", alive), Route("/readyz", ready)]
