"""Execute GraphQL operations without a server and record the SQL statements that they run."""

import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import pytest_asyncio
from sqlalchemy import event
from sqlalchemy.engine import Engine

from core.settings import Settings
from resolvers.access.context import Caller, Context, Services
from schema.runtime.context import GraphQLContext
from server.app import create_app
from storage.tables import Role
from tests.support.graphql import schemas
from tests.support.users import Person

_statements: ContextVar[list[str] | None] = ContextVar("statements", default=None)

_LISTS: Final = re.compile(r"\(\$\d+[^()]*\)")
"""Lists of parameters, whose length does not distinguish statements."""

Cost = Callable[..., Awaitable[tuple[Any, list[str]]]]


def _record(connection: object, cursor: object, statement: str, *_: object) -> None:
    counted = _statements.get()
    if counted is not None:
        counted.append(statement)


class _RecordingHandler(logging.Handler):
    """Records statements that run without a session, which are logged."""

    def emit(self, record: logging.LogRecord) -> None:
        _record(None, None, record.getMessage())


@contextmanager
def recorded_statements() -> Iterator[list[str]]:
    """Record the statements of this task and its children, without those of the server's loops."""
    counted: list[str] = []
    token = _statements.set(counted)
    event.listen(Engine, "before_cursor_execute", _record)
    log = logging.getLogger("storage.postgres.database")
    level, handler = log.level, _RecordingHandler()
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield counted
    finally:
        log.setLevel(level)
        log.removeHandler(handler)
        event.remove(Engine, "before_cursor_execute", _record)
        _statements.reset(token)


@pytest_asyncio.fixture(scope="module")
async def services(settings: Settings, quiet_redis_url: str) -> AsyncIterator[Services]:
    """Return the services of a server on a Redis database without workers."""
    app = create_app(settings.model_copy(update={"redis_url": quiet_redis_url}))
    async with app.router.lifespan_context(app) as state:
        assert state is not None
        yield state["services"]


@pytest_asyncio.fixture
async def cost(services: Services) -> Cost:
    """Return a function that executes a query and returns its data and its sorted SQL statements."""
    schema = schemas.wide()

    async def run(person: Person, query: str, **variables: object) -> tuple[Any, list[str]]:
        caller = Caller(person.user_id, {person.organization_id: Role.MEMBER})
        context = GraphQLContext(Context(services, caller), "req_test")
        with recorded_statements() as counted:
            result: Any = await schema.execute(query, variables, context_value=context)
        assert result.errors is None, result.errors
        return result.data, sorted(_LISTS.sub("(...)", statement) for statement in counted)

    return run
