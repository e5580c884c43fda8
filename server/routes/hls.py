"""Answers the signed link of a focus session's stream with an HLS playlist: one that grows, and ends with the session.

RFC 8216: an event playlist of packed audio, MPEG layer III. The chunks follow each other without a gap, so that no
discontinuity needs to be told. Each is a file of its own: ffmpeg loses some that are byte ranges of one.
"""

from collections.abc import Iterator
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from resolvers.focus import hls
from resolvers.focus.hls import CHUNK_FRAMES, FRAME_SECONDS, Stream

PATH: Final = "/v1/music/{organization_id}/focus/sessions/{session_id}/stream.m3u8"

_HEADERS: Final = {
    # whoever holds the link may play it from any page: the link is the permission
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
}
_TYPE: Final = "application/vnd.apple.mpegurl"


async def _answer(request: Request) -> Response:
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={**_HEADERS, "Access-Control-Max-Age": "86400"})
    organization_id, session_id = request.path_params["organization_id"], request.path_params["session_id"]
    expires, signature = request.query_params.get("expires", ""), request.query_params.get("signature", "")
    stream = await hls.open_(request.state.services, organization_id, session_id, expires, signature)
    return Response(playlist(stream), headers=_HEADERS, media_type=_TYPE)


ROUTE: Final = Route(PATH, _answer, methods=["GET", "HEAD", "OPTIONS"])


def playlist(stream: Stream) -> str:
    """The playlist as it stands."""
    head = [
        "#EXTM3U",
        "#EXT-X-VERSION:8",
        f"#EXT-X-TARGETDURATION:{round(CHUNK_FRAMES * FRAME_SECONDS)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:EVENT",
        # a player would begin near the end of what is live: nobody wants to miss what was made ahead
        "#EXT-X-START:TIME-OFFSET=0,PRECISE=YES",
    ]
    tail = ["#EXT-X-ENDLIST"] if stream.is_whole else []
    return "\n".join([*head, *_lines(stream), *tail, ""])


def _lines(stream: Stream) -> Iterator[str]:
    for chunk in stream.chunks:
        if chunk.url is None:
            yield "#EXT-X-GAP"
        yield f"#EXTINF:{chunk.seconds:.5f},"
        yield chunk.url or "gone.mp3"
