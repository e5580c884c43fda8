"""Reference audio: files that users upload as the source of tracks, with their declarations of rights."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Text
from sqlmodel import Field

from core.licence import LicenceClass
from core.rights import RightsBasis
from storage.tables.columns import EnumText, OwnedRow, enum_check, timestamp


class ReferenceAudio(OwnedRow, table=True):
    """A declaration of rights by a user at ``created_at``, and the file that was uploaded under it.

    ``sha256`` and ``size_bytes`` are those of the file as it came. The blob is a FLAC encoding of its audio, kept until
    the row is deleted; a deleted row remains for as long as a generation names it.
    """

    __tablename__ = "reference_audios"
    __table_args__ = (
        enum_check("basis", RightsBasis),
        enum_check("licence_class", LicenceClass),
        CheckConstraint("duration_seconds > 0 AND size_bytes > 0", name="positive"),
        CheckConstraint(
            "num_nulls(sha256, size_bytes, duration_seconds, uploaded_at) IN (0, 4)", name="upload_is_whole"
        ),
        CheckConstraint("(blob_key IS NULL) OR (uploaded_at IS NOT NULL AND deleted_at IS NULL)", name="blob"),
        Index("ix_reference_audios_owner", "organization_id", "user_id", "created_at", "id"),
        Index("ix_reference_audios_created_at", "created_at"),
    )

    name: str = Field(sa_type=Text)
    basis: RightsBasis = Field(sa_type=EnumText(RightsBasis))
    statement: str | None = Field(default=None, sa_type=Text)
    licence_class: LicenceClass = Field(sa_type=EnumText(LicenceClass))
    attribution: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = timestamp()

    sha256: str | None = Field(default=None, sa_type=Text)
    size_bytes: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    duration_seconds: float | None = None
    uploaded_at: datetime | None = timestamp(is_nullable=True)
    blob_key: str | None = Field(default=None, index=True, sa_type=Text)
    deleted_at: datetime | None = timestamp(is_nullable=True)
