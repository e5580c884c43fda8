"""A lower bound ("LIMIT"): bare Starlette, asyncpg and orjson with hand-written SQL.

``python -m benchmarks.reference_servers.bare_starlette PORT [tuned]``. Plain, it looks the API key up and reads the
data. Tuned, it does both in one statement, lets Postgres write the JSON of a list, and skips the pool's reset.
"""

import hashlib
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

POOL: Final = 32

_IS_VALID: Final = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"

_KEY_OWNER: Final = f"""
SELECT api_keys.user_id FROM api_keys JOIN memberships USING (user_id)
WHERE digest = $1 AND organization_id = $2 AND {_IS_VALID}
"""  # noqa: S608  constants only

_JOB: Final = """
SELECT g.id, g.status, g.progress, g.engine, g.mode, g.created_at,
    t.id AS track_id, t.title, t.engine AS track_engine, t.mode AS track_mode, t.instrumental,
    t.measured_duration_seconds
FROM generations AS g LEFT JOIN tracks AS t ON t.generation_id = g.id
WHERE g.user_id = {user} AND g.organization_id = $2 AND g.id = $3
"""

_TRACKS: Final = """
SELECT t.id, title, engine, mode, measured_duration_seconds, instrumental, tempo_bpm, key, {moment} AS created_at
FROM library_entries AS e JOIN tracks AS t ON t.id = track_id
WHERE e.user_id = {user} AND e.organization_id = $2 ORDER BY e.created_at DESC, e.id DESC LIMIT $3
"""

_ISO: Final = "to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"

_JOB_BY_USER: Final = _JOB.format(user="$1")
_TRACKS_BY_USER: Final = _TRACKS.format(user="$1", moment="t.created_at")
_JOB_BY_KEY: Final = _JOB.format(user=f"({_KEY_OWNER})")
_TRACKS_BY_KEY: Final = f"SELECT json_agg(item) FROM ({_TRACKS.format(user=f'({_KEY_OWNER})', moment=_ISO)}) AS item"  # noqa: S608  constants only


async def job(request: Request) -> Response:
    """Serve workload A."""
    organization_id, job_id = request.path_params["organization_id"], request.path_params["job_id"]
    async with request.state.pool.acquire() as connection:
        user_id = await connection.fetchval(_KEY_OWNER, _digest(request), organization_id)
        if user_id is None:
            return Response(status_code=401)
        row = await connection.fetchrow(_JOB_BY_USER, user_id, organization_id, job_id)
    return _json(_job(row)) if row else Response(status_code=404)


async def tracks(request: Request) -> Response:
    """Serve workload B."""
    organization_id = request.path_params["organization_id"]
    async with request.state.pool.acquire() as connection:
        user_id = await connection.fetchval(_KEY_OWNER, _digest(request), organization_id)
        if user_id is None:
            return Response(status_code=401)
        rows = await connection.fetch(_TRACKS_BY_USER, user_id, organization_id, int(request.query_params["limit"]))
    return _json({"items": [{**row, "created_at": _iso(row["created_at"])} for row in rows]})


async def job_in_one_statement(request: Request) -> Response:
    """Serve workload A with one statement."""
    organization_id, job_id = request.path_params["organization_id"], request.path_params["job_id"]
    row = await request.state.pool.fetchrow(_JOB_BY_KEY, _digest(request), organization_id, job_id)
    return _json(_job(row)) if row else Response(status_code=404)


async def tracks_in_one_statement(request: Request) -> Response:
    """Serve workload B with one statement, whose JSON Postgres writes."""
    organization_id, limit = request.path_params["organization_id"], int(request.query_params["limit"])
    items = await request.state.pool.fetchval(_TRACKS_BY_KEY, _digest(request), organization_id, limit)
    return Response(b'{"items":%b}' % (items or "[]").encode(), media_type="application/json")


def _digest(request: Request) -> bytes:
    return hashlib.sha256(request.headers["x-api-key"].encode()).digest()


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _job(row: Mapping[str, Any]) -> dict[str, object]:
    return {
        "id": row["id"],
        "status": row["status"],
        "progress": row["progress"],
        "engine": row["engine"],
        "mode": row["mode"],
        "created_at": _iso(row["created_at"]),
        "track": {
            "id": row["track_id"],
            "title": row["title"],
            "engine": row["track_engine"],
            "mode": row["track_mode"],
            "instrumental": row["instrumental"],
            "measured_duration_seconds": row["measured_duration_seconds"],
        },
    }


def _json(content: object) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


async def _no_reset(connection: object) -> None:
    """Skip the reset: a connection that ran a single statement needs none."""


def app(*, is_tuned: bool) -> Starlette:
    """Return the server for both workloads."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, object]]:  # noqa: ARG001  required by Starlette
        options: dict[str, Any] = {"reset": _no_reset} if is_tuned else {}
        async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=POOL, max_size=POOL, **options) as pool:
            yield {"pool": pool}

    base = "/v1/music/{organization_id}"
    routes = [
        Route(f"{base}/generations/{{job_id}}", job_in_one_statement if is_tuned else job),
        Route(f"{base}/tracks", tracks_in_one_statement if is_tuned else tracks),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(app(is_tuned="tuned" in sys.argv), port=int(sys.argv[1]), log_level="warning", access_log=False)
