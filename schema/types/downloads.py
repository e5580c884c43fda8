"""Downloads: a track in its available formats."""

from typing import Annotated, Self

import strawberry

from core.formats import Format
from resolvers.library import downloads
from schema.runtime.context import Info
from schema.types.errors import NotFoundError, UnavailableError
from schema.types.inputs import Input


@strawberry.type(description="A track in one format. Some formats are rendered on request.")
class Download:
    format: Format = strawberry.field(description="The format.")
    part: str | None = strawberry.field(description="The name of the stem, or null for other formats.")
    mime_type: str = strawberry.field(description="The media type of the file.")
    file_name: str = strawberry.field(description="The file name suggested to browsers.")
    size_bytes: int | None = strawberry.field(description="The size in bytes, or null if the file is not ready.")
    is_ready: bool = strawberry.field(description="Whether the file is ready. If not, request it by `prepareDownload`.")
    download: strawberry.Private[downloads.Download]

    @strawberry.field(description="A signed, short-lived URL, or null if the file is not ready or unavailable.")
    async def url(self, info: Info) -> str | None:
        return await self.download.sign_url(info.context.ctx)

    @classmethod
    def from_download(cls, download: downloads.Download) -> Self:
        return cls(
            format=download.format,
            part=download.part or None,
            mime_type=download.media_type,
            file_name=download.file_name,
            size_bytes=download.file.size_bytes if download.file else None,
            is_ready=download.file is not None,
            download=download,
        )


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


PrepareDownloadResult = Annotated[
    PrepareDownloadPayload | NotFoundError | UnavailableError,
    strawberry.union("PrepareDownloadResult", description="The result of `prepareDownload`."),
]


@strawberry.type
class DownloadMutations:
    @strawberry.mutation(
        description="Render a track in a format if it is not ready. The activity feed reports when the file is ready. "
        "Repeating the mutation returns the current state."
    )
    async def prepare_download(self, info: Info, input: Input[PrepareDownloadInput]) -> PrepareDownloadResult:
        download = await downloads.prepare(info.context.ctx, input.id, input.format, input.part)
        return PrepareDownloadPayload(download=Download.from_download(download))
