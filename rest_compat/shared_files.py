"""Operations on the files of share links: addresses that work as long as the link does."""

from typing import Annotated, Final

from starlette.responses import Response
from typing_extensions import TypedDict

from resolvers.access.context import Context
from resolvers.sharing import public_files
from rest_compat import fields
from rest_compat.fields import doc
from rest_compat.operations import Operation, Result, Tag
from rest_compat.requests import SharedFileQuery
from rest_compat.responses import JsonResponse
from storage.tables import FileRole

TAG: Final = Tag("Shared files", "Addresses of the audio and the cover of a share link, for players and link previews.")

_HEADERS: Final = {
    # the URL of the next redirect differs
    "Cache-Control": "no-store",
    # as the files themselves: pages of any origin may play them
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_ERRORS: Final = {"RATE_LIMIT_EXCEEDED": "Too many requests from your address. Wait for `Retry-After` seconds."}


class SharedFile(TypedDict):
    """The current location of a shared file."""

    url: Annotated[fields.Url, doc("The URL of `Location`.")]


_RESULT: Final = Result(SharedFile, 302, "The file is at `Location`.", headers=["Location"])


@Operation(
    "shared-audio",
    "GET /shared/{token}/audio",
    "Query.sharedLink",
    [_RESULT],
    errors=_ERRORS,
    is_public=True,
    is_extension=True,
)
async def audio(ctx: Context, token: str, query: SharedFileQuery) -> Response:
    """Play a share link.

    Redirects to the MP3 of the shared track. The address works until the link is revoked or expires or the track is
    deleted; then it returns 404. It supports `Range` and `HEAD`.
    """
    return await _redirect(ctx, token, public_files.AUDIO, query)


@Operation(
    "shared-cover",
    "GET /shared/{token}/cover",
    "Query.sharedLink",
    [_RESULT],
    errors=_ERRORS,
    is_public=True,
    is_extension=True,
)
async def cover(ctx: Context, token: str, query: SharedFileQuery) -> Response:
    """Retrieve the cover of a share link.

    Redirects to the PNG cover of the shared track. The address works until the link is revoked or expires or the track
    is deleted; then, and for a track without a cover, it returns 404.
    """
    return await _redirect(ctx, token, public_files.COVER, query)


async def _redirect(ctx: Context, token: str, file: tuple[FileRole, str], query: SharedFileQuery) -> Response:
    url = await public_files.sign_file_url(ctx, token, file, query.track)
    return JsonResponse({"url": url}, 302, {"Location": url, **_HEADERS})
