"""Alembic's entry: runs inside the transaction that ``migrations.upgrade`` opened."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Text, TypeDecorator

from storage.tables import metadata


def _render(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:  # noqa: ARG001  Alembic's
    """Our own types are text in the database; a migration does not depend on today's code."""
    is_ours = kind == "type" and isinstance(item, TypeDecorator) and isinstance(item.impl_instance, Text)
    return "sa.Text()" if is_ours else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    compare_server_default=True,
    render_item=_render,
)
context.run_migrations()
