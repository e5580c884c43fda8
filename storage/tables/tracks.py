"""Tracks, their files and storage usage."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.jobs import Mode
from core.licence import COMMERCIAL, LicenceClass
from storage.tables.columns import EnumText, OwnedRow, enum_check, sql_literals, timestamp


class FileRole(StrEnum):
    """The purpose of a file of a track."""

    MASTER = "master"  # the MP3 for playback
    LOSSLESS = "lossless"  # the master as rendered, FLAC with 24 bit
    ORIGINAL = "original"  # the file of a remote engine, its bytes unchanged
    STEM = "stem"
    SCORE = "score"
    WAVEFORM = "waveform"
    COVER = "cover"
    STREAM = "stream"
    DOWNLOAD = "download"  # rendered on request; its name is the format


class Track(OwnedRow, table=True):
    """A track with the licence of its creation time. ``papers`` is the metadata in its files (core.track_metadata).

    ``origin`` is the TrackOrigin of an imported track, and null for a track that was made here.
    """

    __tablename__ = "tracks"
    __table_args__ = (
        enum_check("mode", Mode),
        enum_check("licence_class", LicenceClass),
        CheckConstraint(f"commercial_use = (licence_class IN ({sql_literals(COMMERCIAL)}))", name="licence_is_true"),
        CheckConstraint("measured_duration_seconds > 0", name="duration"),
        Index("ix_tracks_owner", "organization_id", "user_id", "created_at", "id"),
    )

    generation_id: str = Field(foreign_key="generations.id", unique=True, sa_type=Text)
    title: str | None = Field(default=None, sa_type=Text)
    engine: str = Field(sa_type=Text)
    engine_version: str = Field(sa_type=Text)
    mode: Mode = Field(sa_type=EnumText(Mode))
    seed: int = Field(sa_type=BigInteger)
    instrumental: bool
    measured_duration_seconds: float | None = None
    tempo_bpm: float | None = None
    key: str | None = Field(default=None, sa_type=Text)
    metre: str | None = Field(default=None, sa_type=Text)
    style: str | None = Field(default=None, sa_type=Text)
    loudness_lufs: float | None = None
    true_peak_dbtp: float | None = None
    chords: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    sections: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    report: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    palette: list[str] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    papers: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    origin: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    continuation: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    licence_class: LicenceClass = Field(sa_type=EnumText(LicenceClass))
    licence_version: str = Field(sa_type=Text)
    commercial_use: bool
    requires_attribution: bool
    created_at: datetime = timestamp()
    deleted_at: datetime | None = timestamp(is_nullable=True)


class TrackFile(SQLModel, table=True):
    """A file of a track. ``name`` distinguishes files of one role and is empty otherwise.

    The name of a stem is its part, that of a cover or download its format. The files of a stream are its chunks in
    order, with the number of MPEG ``frames`` of each.
    """

    __tablename__ = "track_files"
    __table_args__: ClassVar[Any] = (
        enum_check("role", FileRole),
        CheckConstraint("size_bytes > 0", name="size"),
        CheckConstraint("(role = 'stream') = (frames IS NOT NULL)", name="frames"),
    )

    track_id: str = Field(primary_key=True, foreign_key="tracks.id", sa_type=Text)
    role: FileRole = Field(primary_key=True, sa_type=EnumText(FileRole))
    name: str = Field(default="", primary_key=True, sa_type=Text)
    blob_key: str = Field(index=True, sa_type=Text)
    media_type: str = Field(sa_type=Text)
    size_bytes: int
    frames: int | None = None


class RemovedFile(SQLModel, table=True):
    """A removed or replaced file of a track, with the digest that identifies it in verifications.

    Only triggers on track_files write this table.
    """

    __tablename__ = "forgotten_files"

    track_id: str = Field(primary_key=True, foreign_key="tracks.id", sa_type=Text)
    role: FileRole = Field(primary_key=True, sa_type=EnumText(FileRole))
    name: str = Field(default="", primary_key=True, sa_type=Text)
    digest: str = Field(primary_key=True, index=True, sa_type=Text)
    media_type: str = Field(sa_type=Text)
    size_bytes: int = Field(sa_type=BigInteger)
    removed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now()))


class ImportedReceipt(SQLModel, table=True):
    """The receipt of an imported track, as it came in the archive."""

    __tablename__ = "imported_receipts"

    track_id: str = Field(primary_key=True, foreign_key="tracks.id", sa_type=Text)
    content: str = Field(sa_type=Text)


class StorageUsage(SQLModel, table=True):
    """Bytes and number of an organization's files, each content counted once; only triggers on track_files write it."""

    __tablename__ = "storage_uses"

    organization_id: str = Field(primary_key=True, foreign_key="organizations.id", sa_type=Text)
    size_bytes: int = Field(sa_type=BigInteger)
    file_count: int = Field(sa_type=BigInteger)
