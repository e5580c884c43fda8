"""Library entries and collections of users."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from sqlalchemy import CheckConstraint, Column, Computed, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlmodel import Field, SQLModel

from storage.tables.columns import EnumText, OwnedRow, enum_check, timestamp


class LibrarySource(StrEnum):
    """The origin of a library entry."""

    OWN = "own"
    SHARED = "shared"


MAX_TAGS: Final = 20
_WORDS: Final = "to_tsvector('simple'::regconfig, about) || to_tsvector('simple'::regconfig, tags)"


class LibraryEntry(OwnedRow, table=True):
    """A track that a user has saved, once in all organizations together.

    ``about`` is the searched text besides the tags: a copy of the track's title, and for the user's own tracks of the
    request. ``search`` is the search vector of both; ``storage.queries.libraries.index_entries`` writes it, and the ORM
    does not load it. Servers of version 0.1 use ``words`` instead.
    """

    __tablename__ = "library_entries"
    __table_args__: ClassVar[Any] = (
        enum_check("source", LibrarySource),
        Column("words", TSVECTOR, Computed(_WORDS, persisted=True), nullable=False),
        Column("search", TSVECTOR),
        CheckConstraint(f"jsonb_array_length(tags) <= {MAX_TAGS}", name="tags"),
        UniqueConstraint("user_id", "track_id"),
        Index("ix_library_entries_words", "words", postgresql_using="gin"),
        Index("ix_library_entries_search", "search", postgresql_using="gin"),
        Index("ix_library_entries_unindexed", "id", postgresql_where="search IS NULL"),
        # with track_id, so that a page of tracks does not read the entries
        Index(
            "ix_library_entries_page", "organization_id", "user_id", "created_at", "id", postgresql_include=["track_id"]
        ),
    )
    __mapper_args__: ClassVar[Any] = {"exclude_properties": ["words", "search"]}

    track_id: str = Field(foreign_key="tracks.id", index=True, sa_type=Text)
    source: LibrarySource = Field(default=LibrarySource.OWN, sa_type=EnumText(LibrarySource))
    share_link_id: str | None = Field(default=None, foreign_key="share_links.id", index=True, sa_type=Text)
    tags: list[str] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    is_favourite: bool = False
    about: str = Field(default="", sa_type=Text)
    created_at: datetime = timestamp()


class LibrarySortKeys(SQLModel, table=True):
    """The sort keys of a library entry that come from its track: copies, so that each sort has an index of the owner.

    Only triggers on library_entries and tracks write it. ``title`` is in lower case.
    """

    __tablename__ = "library_sort_keys"
    __table_args__ = tuple(
        Index(f"ix_library_sort_keys_{key}", "organization_id", "user_id", key, "entry_id")
        for key in ("track_created_at", "title", "duration_seconds")
    )

    entry_id: str = Field(primary_key=True, foreign_key="library_entries.id", ondelete="CASCADE", sa_type=Text)
    organization_id: str = Field(foreign_key="organizations.id", sa_type=Text)
    user_id: str = Field(foreign_key="users.id", sa_type=Text)
    track_created_at: datetime = timestamp()
    title: str = Field(sa_type=Text)
    duration_seconds: float


class Collection(OwnedRow, table=True):
    __tablename__ = "collections"
    __table_args__ = (Index("ix_collections_owner", "organization_id", "user_id", "created_at", "id"),)

    name: str = Field(sa_type=Text)
    description: str | None = Field(default=None, sa_type=Text)
    cover_track_id: str | None = Field(default=None, foreign_key="tracks.id", index=True, sa_type=Text)
    cover_image_url: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = timestamp()
    updated_at: datetime = timestamp()
    deleted_at: datetime | None = timestamp(is_nullable=True)


class CollectionTrack(SQLModel, table=True):
    """The position of a track in a collection. Positions are dense; their uniqueness is checked at the commit."""

    __tablename__ = "collection_tracks"
    __table_args__ = (
        UniqueConstraint("collection_id", "position", deferrable=True, initially="DEFERRED"),
        CheckConstraint("position >= 0", name="position"),
    )

    collection_id: str = Field(primary_key=True, foreign_key="collections.id", sa_type=Text)
    track_id: str = Field(primary_key=True, foreign_key="tracks.id", index=True, sa_type=Text)
    position: int
    added_at: datetime = timestamp()
