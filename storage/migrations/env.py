"""Alembic's environment, run in the transaction of ``migrations.upgrade``."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Text, TypeDecorator

from storage.tables import metadata


def _render(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:  # noqa: ARG001  Alembic's
    """Render our column types as text, so that migrations do not depend on this code."""
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
