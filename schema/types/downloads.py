"""Downloads: a track in its available formats."""

import strawberry

from core.formats import Format
from resolvers.library import downloads
from schema.limits.field_costs import signed_url
from schema.runtime.context import Info
from schema.runtime.row_types import RowBacked, row_backed
from schema.types.errors import NotFoundError
from schema.types.mutations import Input, mutation


@row_backed(
    part=lambda download: download.row.part or None,
    mime_type="row.media_type",
    size_bytes=lambda download: download.row.file.size_bytes if download.row.file else None,
    is_ready=lambda download: download.row.file is not None,
)
@strawberry.type(description="A track in one format. Some formats are rendered on request.")
class Download(RowBacked[downloads.Download]):
    format: Format = strawberry.field(description="The format.")
    part: str | None = strawberry.field(description="The name of the stem, or null for other formats.")
    mime_type: str = strawberry.field(description="The media type of the file.")
    file_name: str = strawberry.field(description="The file name suggested to browsers.")
    size_bytes: int | None = strawberry.field(description="The size in bytes, or null if the file is not ready.")
    is_ready: bool = strawberry.field(description="Whether the file is ready. If not, request it by `prepareDownload`.")

    @signed_url(description="A signed, short-lived URL, or null if the file is not ready or unavailable.")
    async def url(self, info: Info) -> str | None:
        return await self.row.sign_url(info.context.ctx)


@strawberry.input(description="The parameters of `prepareDownload`.")
class PrepareDownloadInput:
    id: strawberry.ID = strawberry.field(description="The ID of the track.")
    format: Format = strawberry.field(description="The format.")
    part: str | None = strawberry.field(
        default=None, description="The name of the stem. Required for the format `STEM`, not allowed for others."
    )


@strawberry.type(description="The file is ready or will be rendered.")
class PrepareDownloadPayload:
    download: Download = strawberry.field(description="The download.")


@strawberry.type
class DownloadMutations:
    @mutation(
        "Render a track in a format if it is not ready. The activity feed reports when the file is ready. "
        "Repeating the mutation returns the current state.",
        NotFoundError,
    )
    async def prepare_download(self, info: Info, input: Input[PrepareDownloadInput]) -> PrepareDownloadPayload:
        download = await downloads.prepare(info.context.ctx, input.id, input.format, input.part)
        return PrepareDownloadPayload(download=Download.from_row(download))
