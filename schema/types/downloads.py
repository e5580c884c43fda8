"""Downloads: a track's files in the formats that people ask for."""

from typing import Annotated, Self

import strawberry

from core.formats import Format
from resolvers.library import downloads
from schema.runtime.context import Info
from schema.types.errors import NotFoundError, UnavailableError


@strawberry.type(description="A track in one format. A rare one is made when it is asked for, once.")
class Download:
    """From resolvers.library.downloads."""

    format: Format = strawberry.field(description="Which format.")
    part: str | None = strawberry.field(description="Which part, for one stem.")
    mime_type: str = strawberry.field(description="Its media type.")
    file_name: str = strawberry.field(description="What a browser saves it as.")
    size_bytes: int | None = strawberry.field(description="How large it is; null until it is made.")
    is_ready: bool = strawberry.field(description="Whether it can be fetched; otherwise ask prepareDownload for it.")
    found: strawberry.Private[downloads.Download]

    @strawberry.field(description="Signed, short-lived link; null until it is made, and while storage is away.")
    async def url(self, info: Info) -> str | None:
        """Made only for who asks."""
        return await self.found.url(info.context.ctx)

    @classmethod
    def from_download(cls, found: downloads.Download) -> Self:
        """As a type."""
        return cls(
            format=found.format,
            part=found.part or None,
            mime_type=found.media_type,
            file_name=found.file_name,
            size_bytes=found.file.size_bytes if found.file else None,
            is_ready=found.file is not None,
            found=found,
        )


@strawberry.input(description="Which format of which track.")
class PrepareDownloadInput:
    """Decoded into arguments."""

    id: strawberry.ID = strawberry.field(description="The track.")
    format: Format = strawberry.field(description="Which format.")
    part: str | None = strawberry.field(default=None, description="Which part, for one stem only.")


@strawberry.type(description="The file is there, or is being made.")
class PrepareDownloadPayload:
    """Success of prepareDownload."""

    download: Download = strawberry.field(description="How it stands.")


PrepareDownloadResult = Annotated[
    PrepareDownloadPayload | NotFoundError | UnavailableError,
    strawberry.union("PrepareDownloadResult", description="What prepareDownload answers."),
]


@strawberry.type
class DownloadMutations:
    """Mixed into Mutation."""

    @strawberry.mutation(
        description="Have a track made ready in a format. Its feed of activity tells when it is there; again, it "
        "answers how it stands."
    )
    async def prepare_download(
        self,
        info: Info,
        input: Annotated[PrepareDownloadInput, strawberry.argument(description="Which one.")],  # noqa: A002
    ) -> PrepareDownloadResult:
        """See downloads.prepare."""
        found = await downloads.prepare(info.context.ctx, input.id, input.format, input.part)
        return PrepareDownloadPayload(download=Download.from_download(found))
