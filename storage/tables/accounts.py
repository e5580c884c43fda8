"""Who there is: organizations, users, memberships, keys, and what may be spent."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    Numeric,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.spend_windows import Window
from storage.tables.columns import EnumText, enum_check, timestamp


class Role(StrEnum):
    """What a member may do in an organization."""

    MEMBER = "member"
    ADMIN = "admin"


class Organization(SQLModel, table=True):
    """Who pays, and whose members share nothing but the bill."""

    __tablename__ = "organizations"

    id: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    created_at: datetime = timestamp()


class User(SQLModel, table=True):
    """A person or a program; owns everything inside an organization. The id is the ``sub`` of its tokens."""

    __tablename__ = "users"

    id: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    created_at: datetime = timestamp()


class Membership(SQLModel, table=True):
    """Which user belongs to which organization."""

    __tablename__ = "memberships"
    __table_args__ = (enum_check("role", Role), Index(None, "user_id"))

    organization_id: str = Field(primary_key=True, foreign_key="organizations.id", sa_type=Text)
    user_id: str = Field(primary_key=True, foreign_key="users.id", sa_type=Text)
    role: Role = Field(default=Role.MEMBER, sa_type=EnumText(Role))
    created_at: datetime = timestamp()


class ApiKey(SQLModel, table=True):
    """A key by its SHA-256; the key itself is shown once and kept nowhere."""

    __tablename__ = "api_keys"
    __table_args__ = (
        UniqueConstraint("digest"),
        CheckConstraint("octet_length(digest) = 32", name="digest"),
        Index(None, "user_id"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    user_id: str = Field(foreign_key="users.id", sa_type=Text)
    name: str = Field(sa_type=Text)
    hint: str = Field(sa_type=Text)
    digest: bytes = Field(sa_type=LargeBinary)
    scopes: list[str] = Field(
        default_factory=list, sa_column=Column(JSONB, nullable=False, server_default=text("'[]'::jsonb"))
    )
    created_at: datetime = timestamp()
    expires_at: datetime | None = timestamp(is_nullable=True)
    revoked_at: datetime | None = timestamp(is_nullable=True)
    last_used_at: datetime | None = timestamp(is_nullable=True)


class SpendLimit(SQLModel, table=True):
    """An organization's cap on one window; no row means no cap."""

    __tablename__ = "spend_limits"
    __table_args__ = (enum_check("period", Window), CheckConstraint("limit_chf >= 0", name="limit"))

    organization_id: str = Field(primary_key=True, foreign_key="organizations.id", sa_type=Text)
    period: Window = Field(primary_key=True, sa_type=EnumText(Window))
    limit_chf: Decimal = Field(sa_column=Column(Numeric(14, 4), nullable=False))
