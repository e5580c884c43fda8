"""Organizations, users, memberships, API keys and spend limits."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, LargeBinary, Numeric, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.spend_windows import Window
from storage.tables.columns import EnumText, enum_check, timestamp


class Role(StrEnum):
    """Permissions of a member in an organization."""

    VIEWER = "viewer"  # reads its own objects and changes nothing
    MEMBER = "member"
    ADMIN = "admin"


class CredentialKind(StrEnum):
    """How a user received a credential, and where it is accepted."""

    KEY = "key"  # created by an operator; sent in a header
    SESSION = "session"  # signed in; kept in a cookie
    SIGN_IN_CODE = "sign_in_code"  # part of a link; exchanged once for a session


class Organization(SQLModel, table=True):
    """An account that pays for its members, who share nothing else."""

    __tablename__ = "organizations"

    id: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    created_at: datetime = timestamp()


class User(SQLModel, table=True):
    """A person or program that owns resources in organizations.

    ``issuer`` and ``subject`` are the claims ``iss`` and ``sub`` of its tokens; null for users of this installation.
    Neither keys nor tokens of a disabled user are accepted.
    """

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="subject"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    issuer: str | None = Field(default=None, sa_type=Text)
    subject: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = timestamp()
    disabled_at: datetime | None = timestamp(is_nullable=True)


class Membership(SQLModel, table=True):
    """The role of a user in an organization, until it ends.

    A claimed membership was first seen in a token, and is valid only for tokens that claim it.
    """

    __tablename__ = "memberships"
    __table_args__ = (enum_check("role", Role),)

    organization_id: str = Field(primary_key=True, foreign_key="organizations.id", sa_type=Text)
    user_id: str = Field(primary_key=True, foreign_key="users.id", index=True, sa_type=Text)
    role: Role = Field(default=Role.MEMBER, sa_type=EnumText(Role))
    is_claimed: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    created_at: datetime = timestamp()
    ended_at: datetime | None = timestamp(is_nullable=True)


class ApiKey(SQLModel, table=True):
    """An API key, a browser session or a sign-in code, stored as its SHA-256 only."""

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint("octet_length(digest) = 32", name="digest"),
        CheckConstraint("kind = 'key' OR expires_at IS NOT NULL", name="expiry"),
        enum_check("kind", CredentialKind),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    user_id: str = Field(foreign_key="users.id", index=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    hint: str = Field(sa_type=Text)
    digest: bytes = Field(unique=True, sa_type=LargeBinary)
    # the key by which a browser session was started, which ends with it
    started_by_key_id: str | None = Field(default=None, foreign_key="api_keys.id", index=True, sa_type=Text)
    kind: CredentialKind = Field(
        default=CredentialKind.KEY, sa_type=EnumText(CredentialKind), sa_column_kwargs={"server_default": "key"}
    )
    scopes: list[str] = Field(
        default_factory=list, sa_column=Column(JSONB, nullable=False, server_default=text("'[]'::jsonb"))
    )
    # organizations of which an identity provider made the user a member when the session was started
    claimed_organizations: list[str] = Field(
        default_factory=list, sa_column=Column(JSONB, nullable=False, server_default=text("'[]'::jsonb"))
    )
    created_at: datetime = timestamp()
    expires_at: datetime | None = timestamp(is_nullable=True)
    revoked_at: datetime | None = timestamp(is_nullable=True)
    last_used_at: datetime | None = timestamp(is_nullable=True)


class SpendLimit(SQLModel, table=True):
    """The spend cap of an organization in one window; without a row there is no cap."""

    __tablename__ = "spend_limits"
    __table_args__ = (enum_check("period", Window), CheckConstraint("limit_chf >= 0", name="limit"))

    organization_id: str = Field(primary_key=True, foreign_key="organizations.id", sa_type=Text)
    period: Window = Field(primary_key=True, sa_type=EnumText(Window))
    limit_chf: Decimal = Field(sa_column=Column(Numeric(14, 4), nullable=False))


class DailySpend(SQLModel, table=True):
    """The cost of an organization's jobs of a UTC day that counts towards its caps.

    Only triggers on generations write it, when their transaction commits.
    """

    __tablename__ = "daily_spends"

    organization_id: str = Field(primary_key=True, foreign_key="organizations.id", sa_type=Text)
    day: date = Field(primary_key=True)
    cost_chf: Decimal = Field(sa_column=Column(Numeric(14, 4), nullable=False))
