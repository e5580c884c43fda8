"""Cover images of tracks."""

from typing import Self

import strawberry

from resolvers.library import track_urls
from schema.runtime.context import Info
from storage import tables
from storage.tables import FileRole


@strawberry.type(description="A square cover image, generated from the track's music.")
class Cover:
    row: strawberry.Private[tables.Track]
    files: strawberry.Private[dict[str, tables.TrackFile]]

    @strawberry.field(description="A signed, short-lived URL of the SVG image, or null if storage is unavailable.")
    async def svg_url(self, info: Info) -> str | None:
        return await track_urls.sign_url(info.context.ctx, self.row, self.files["svg"])

    @strawberry.field(description="A signed, short-lived URL of the 1024 px PNG image; null if storage is unavailable.")
    async def png_url(self, info: Info) -> str | None:
        return await track_urls.sign_url(info.context.ctx, self.row, self.files["png"])

    @classmethod
    async def load(cls, info: Info, row: tables.Track) -> Self | None:
        if row.deleted_at is not None:
            return None
        files = await info.context.loaders.track_files.load(row.id)
        covers = {file.name: file for file in files if file.role is FileRole.COVER}
        return cls(row=row, files=covers) if covers else None
