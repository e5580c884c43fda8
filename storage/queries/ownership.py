"""Conditions that match the rows of a user."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col

from storage.tables import Collection as TrackCollection
from storage.tables import Export, FocusSession, Generation, LibraryEntry, ShareLink, Track
from storage.tables.columns import is_any_of

Owned = type[Export | FocusSession | Generation | LibraryEntry | ShareLink | Track | TrackCollection]


def is_owned(
    table: Owned, user_id: str | ColumnElement[str], organization_ids: Collection[str] | ColumnElement[Any]
) -> ColumnElement[bool]:
    """Match the rows of a user in any of these organizations; the arguments may be parameters."""
    return (col(table.user_id) == user_id) & is_any_of(col(table.organization_id), organization_ids)


def is_owned_in(table: Owned, organization_id: str, user_id: str) -> ColumnElement[bool]:
    """Match the rows of a user in one organization, in a form for which an index on the owner also gives the order."""
    return (col(table.organization_id) == organization_id) & (col(table.user_id) == user_id)
