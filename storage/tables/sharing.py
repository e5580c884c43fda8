"""Share links and the audit log of accesses to them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from core.sharing import Target, Visibility
from storage.tables.columns import EnumText, OwnedRow, enum_check, timestamp


class AccessOutcome(StrEnum):
    """Result of an attempt to open a share link."""

    RESOLVED = "resolved"
    UNAVAILABLE = "unavailable"  # the link is valid, but its target was deleted
    NOT_FOUND = "not_found"  # missing, revoked or expired
    LIMITED = "limited"  # too many attempts from this IP address; not written any more


class ShareLink(OwnedRow, table=True):
    """A share link, stored with the SHA-256 of its token."""

    __tablename__ = "share_links"
    __table_args__ = (
        enum_check("target_type", Target),
        enum_check("visibility", Visibility),
        CheckConstraint("octet_length(token_digest) = 32", name="token_digest"),
        CheckConstraint("(target_type = 'track') = (track_id IS NOT NULL)", name="track"),
        CheckConstraint("(target_type = 'collection') = (collection_id IS NOT NULL)", name="collection"),
        Index("ix_share_links_owner", "organization_id", "user_id", "created_at", "id"),
    )

    target_type: Target = Field(sa_type=EnumText(Target))
    track_id: str | None = Field(default=None, foreign_key="tracks.id", index=True, sa_type=Text)
    collection_id: str | None = Field(default=None, foreign_key="collections.id", index=True, sa_type=Text)
    visibility: Visibility = Field(sa_type=EnumText(Visibility))
    token_digest: bytes = Field(unique=True, sa_type=LargeBinary)
    created_at: datetime = timestamp()
    expires_at: datetime | None = timestamp(is_nullable=True)
    revoked_at: datetime | None = timestamp(is_nullable=True)


class ShareAccess(SQLModel, table=True):
    """One attempt to open a share link, successful or not."""

    __tablename__ = "share_accesses"
    __table_args__ = (enum_check("outcome", AccessOutcome), Index(None, "resolved_at"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)
    resolved_at: datetime = timestamp()
    client_ip: str = Field(sa_type=Text)
    token_digest: bytes = Field(sa_type=LargeBinary)
    outcome: AccessOutcome = Field(sa_type=EnumText(AccessOutcome))
    share_link_id: str | None = Field(default=None, foreign_key="share_links.id", index=True, sa_type=Text)
