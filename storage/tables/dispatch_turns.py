"""Round-robin state of the fair dispatch."""

from sqlalchemy import Text
from sqlmodel import Field, SQLModel


class DispatchTurn(SQLModel, table=True):
    """The owner that was served last in a queue. A lost row costs the fairness of one turn only."""

    __tablename__ = "turns"

    queue: str = Field(primary_key=True, sa_type=Text)
    owner: str = Field(sa_type=Text)
