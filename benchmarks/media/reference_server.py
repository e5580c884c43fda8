"""A lower bound in Python: bare Starlette, asyncpg and hand-written SQL, as a process of its own.

Share links are resolved with a rate limit per IP address, as in the product, and without one.
"""

import hashlib
import hmac
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

import asyncpg
import orjson
import redis.asyncio as redis
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

_SHARED: Final = """
WITH link AS (
    SELECT id, track_id, visibility, target_type, expires_at FROM share_links
    WHERE token_digest = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
), noted AS (
    INSERT INTO share_accesses (resolved_at, client_ip, token_digest, outcome, share_link_id)
    SELECT $2, $3, $1, 'resolved', id FROM link
)
SELECT link.target_type, link.visibility, link.expires_at, tracks.id, tracks.organization_id, tracks.title,
    tracks.engine, tracks.mode, tracks.measured_duration_seconds, tracks.instrumental, tracks.licence_class,
    tracks.licence_version, tracks.commercial_use, tracks.requires_attribution, track_files.blob_key
FROM link
JOIN tracks ON tracks.id = link.track_id AND tracks.deleted_at IS NULL
JOIN track_files ON track_files.track_id = tracks.id AND track_files.role = 'master'
"""


_MAX_REQUESTS: Final = 10**9
_WINDOW_SECONDS: Final = 60


def main(port: int, database_url: str, redis_url: str, path: str) -> None:
    """Serve until a signal stops the process."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, object]]:  # noqa: ARG001  required by Starlette
        async with (
            asyncpg.create_pool(database_url, min_size=10, max_size=10) as pool,
            redis.from_url(redis_url) as counters,
        ):
            yield {"pool": pool, "counters": counters}

    async def file(request: Request) -> Response:  # noqa: ARG001  required by Starlette
        return FileResponse(path, media_type="audio/mpeg")

    async def shared(request: Request) -> Response:
        digest = hashlib.sha256(request.path_params["token"].encode()).digest()
        row = await request.state.pool.fetchrow(_SHARED, digest, datetime.now(UTC), request.client.host)  # type: ignore[union-attr]
        return Response(orjson.dumps(_serialize(row)), media_type="application/json")

    async def counted(request: Request) -> Response:
        counters, key = request.state.counters, f"opened:{request.client.host}"  # type: ignore[union-attr]
        count = await counters.incr(key)
        if count == 1:
            await counters.expire(key, _WINDOW_SECONDS)
        return await shared(request) if count <= _MAX_REQUESTS else Response(status_code=429)

    routes = [Route("/file", file), Route("/shared/{token}", shared), Route("/counted/{token}", counted)]
    app = Starlette(routes=routes, lifespan=lifespan)
    uvicorn.run(app, port=port, access_log=False, log_level="warning")


def _serialize(row: asyncpg.Record) -> dict[str, object]:
    expires = int(datetime.now(UTC).timestamp()) + 900
    signature = hmac.new(b"key", f"{row['blob_key']}{expires}".encode(), hashlib.sha256).hexdigest()
    query = urlencode({"name": row["title"], "org": row["organization_id"], "expires": expires, "signature": signature})
    licence = ("licence_class", "licence_version", "commercial_use", "requires_attribution")
    names = ("id", "title", "engine", "mode", "measured_duration_seconds", "instrumental")
    track = {name: row[name] for name in names}
    track["playback_url"] = f"http://127.0.0.1/media/{row['blob_key']}?{query}"
    track["licence"] = {name: row[name] for name in licence}
    share = {name: row[name] for name in ("target_type", "visibility", "expires_at")}
    fields = {"kind": "track", "available": True, "message": None, "share": share, "track": track}
    return {**fields, "collection": None, "tracks": None}


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
