"""Tracks and their files."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.jobs import Mode
from core.licence import COMMERCIAL, LicenceClass
from storage.tables.columns import EnumText, enum_check, sql_literals, timestamp


class FileRole(StrEnum):
    """What a file is to its track."""

    MASTER = "master"  # the MP3 that is played
    LOSSLESS = "lossless"  # the master as the engine gave it, FLAC of 24 bit
    STEM = "stem"
    SCORE = "score"
    WAVEFORM = "waveform"
    COVER = "cover"
    STREAM = "stream"
    DOWNLOAD = "download"  # made when somebody asked for it; its name is the format


class Track(SQLModel, table=True):
    """A finished piece with its licence as it was when made, and what its files say (see core.track_metadata)."""

    __tablename__ = "tracks"
    __table_args__ = (
        enum_check("mode", Mode),
        enum_check("licence_class", LicenceClass),
        CheckConstraint(f"commercial_use = (licence_class IN ({sql_literals(COMMERCIAL)}))", name="licence_is_true"),
        CheckConstraint("measured_duration_seconds > 0", name="duration"),
        UniqueConstraint("generation_id"),
        Index("ix_tracks_owner", "organization_id", "user_id", "created_at", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    organization_id: str = Field(foreign_key="organizations.id", sa_type=Text)
    user_id: str = Field(foreign_key="users.id", sa_type=Text)
    generation_id: str = Field(foreign_key="generations.id", sa_type=Text)
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
    continuation: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    licence_class: LicenceClass = Field(sa_type=EnumText(LicenceClass))
    licence_version: str = Field(sa_type=Text)
    commercial_use: bool
    requires_attribution: bool
    created_at: datetime = timestamp()
    deleted_at: datetime | None = timestamp(is_nullable=True)


class TrackFile(SQLModel, table=True):
    """One file of a track, named by the hash of its content; ``name`` tells files of one role apart, else it is empty.

    Stems are named by part, covers and downloads by format.
    Those of a stream are its pieces in order, each of so many MPEG ``frames``.
    """

    __tablename__ = "track_files"
    __table_args__: ClassVar[Any] = (
        enum_check("role", FileRole),
        CheckConstraint("size_bytes > 0", name="size"),
        CheckConstraint("(role = 'stream') = (frames IS NOT NULL)", name="frames"),
        Index(None, "blob_key"),
    )

    track_id: str = Field(primary_key=True, foreign_key="tracks.id", sa_type=Text)
    role: FileRole = Field(primary_key=True, sa_type=EnumText(FileRole))
    name: str = Field(default="", primary_key=True, sa_type=Text)
    blob_key: str = Field(sa_type=Text)
    media_type: str = Field(sa_type=Text)
    size_bytes: int
    frames: int | None = None


class ForgottenFile(SQLModel, table=True):
    """What is remembered of a file when its track lets go of it, deleted or with another one: enough to know it again.

    Kept by triggers on track_files, by nobody else.
    """

    __tablename__ = "forgotten_files"
    __table_args__: ClassVar[Any] = (Index(None, "digest"),)

    track_id: str = Field(primary_key=True, foreign_key="tracks.id", sa_type=Text)
    role: FileRole = Field(primary_key=True, sa_type=EnumText(FileRole))
    name: str = Field(default="", primary_key=True, sa_type=Text)
    digest: str = Field(primary_key=True, sa_type=Text)
    media_type: str = Field(sa_type=Text)
    size_bytes: int = Field(sa_type=BigInteger)


class StorageUsage(SQLModel, table=True):
    """What an organization's files take, each content once. Kept by triggers on track_files, by nobody else."""

    __tablename__ = "storage_uses"

    organization_id: str = Field(primary_key=True, foreign_key="organizations.id", sa_type=Text)
    size_bytes: int = Field(sa_type=BigInteger)
    file_count: int = Field(sa_type=BigInteger)
