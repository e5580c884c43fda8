"""Cover art: the picture that was drawn from a track's music, by short-lived links."""

from typing import Self

import strawberry

from resolvers.library import track_urls
from schema.runtime.context import Info
from storage import tables
from storage.tables import FileRole


@strawberry.type(description="A square picture drawn from the music: the same music has the same picture.")
class Cover:
    """From the files of role cover."""

    row: strawberry.Private[tables.Track]
    files: strawberry.Private[dict[str, tables.TrackFile]]

    @strawberry.field(description="Signed, short-lived link to the picture as SVG; null while storage is away.")
    async def svg_url(self, info: Info) -> str | None:
        """See links.url."""
        return await track_urls.url(info.context.ctx, self.row, self.files["svg"])

    @strawberry.field(description="Signed, short-lived link to it as PNG, 1024 by 1024; null while storage is away.")
    async def png_url(self, info: Info) -> str | None:
        """See links.url."""
        return await track_urls.url(info.context.ctx, self.row, self.files["png"])

    @classmethod
    async def load(cls, info: Info, row: tables.Track) -> Self | None:
        """The cover of a track that the caller may read; batched over the page."""
        if row.deleted_at is not None:
            return None
        files = await info.context.loaders.track_files.load(row.id)
        covers = {file.name: file for file in files if file.role is FileRole.COVER}
        return cls(row=row, files=covers) if covers else None
