"""HLS playlist of a focus session, by a signed URL.

An event playlist of packed MP3 audio (RFC 8216): it grows until the session ends. Segments are gapless, so no
``EXT-X-DISCONTINUITY`` is needed. Each segment is a file, because ffmpeg drops some byte ranges of a single file.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resolvers.access.context import Context
from resolvers.focus import hls
from resolvers.focus.hls import CHUNK_FRAMES, FRAME_SECONDS, Stream

PATH: Final = "/v1/music/{organization_id}/focus/sessions/{session_id}/stream.m3u8"

_HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
_MEDIA_TYPE: Final = "application/vnd.apple.mpegurl"


async def _get_playlist(request: Request) -> Response:
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=_HEADERS)
    organization_id, session_id = request.path_params["organization_id"], request.path_params["session_id"]
    expires, signature = request.query_params.get("expires", ""), request.query_params.get("signature", "")
    ctx = Context(request.state.services, None, base_url=request.state.base_url)
    stream = await hls.open_stream(ctx, organization_id, session_id, expires, signature)
    return Response(render_playlist(stream), headers=_HEADERS, media_type=_MEDIA_TYPE)


ROUTE: Final = Route(PATH, _get_playlist, methods=["GET", "HEAD", "OPTIONS"])


def render_playlist(stream: Stream) -> str:
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:8",
        f"#EXT-X-TARGETDURATION:{round(CHUNK_FRAMES * FRAME_SECONDS)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:EVENT",
        # players start a live stream near its end; start at the beginning instead
        "#EXT-X-START:TIME-OFFSET=0,PRECISE=YES",
    ]
    for chunk in stream.chunks:
        if chunk.url is None:
            lines.append("#EXT-X-GAP")
        lines += [f"#EXTINF:{chunk.seconds:.5f},", chunk.url or "gone.mp3"]
    if stream.is_complete:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join([*lines, ""])
