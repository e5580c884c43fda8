"""Whose turn it was."""

from sqlalchemy import Text
from sqlmodel import Field, SQLModel


class DispatchTurn(SQLModel, table=True):
    """Who of those that share a queue had the last turn. Losing a row costs nothing but one turn's fairness."""

    __tablename__ = "turns"

    queue: str = Field(primary_key=True, sa_type=Text)
    owner: str = Field(sa_type=Text)
