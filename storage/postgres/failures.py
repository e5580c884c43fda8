"""Which errors of the driver mean that the connection or the server is the cause, and not a bug in a statement."""

import asyncio
import socket
import ssl
from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core import errors


class DatabaseConnectionError(ConnectionError):
    """No connection could be opened. The message is the driver's reason."""


CONNECTION_ERRORS: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleSessionTimeoutError,
    # a former primary that became a standby or read-only: another connection may lead to the new primary
    asyncpg.ReadOnlySQLTransactionError,
    ConnectionError,
)
"""Raised by a statement whose connection is lost or of no use any more; nothing was written."""

_LOCK_ERRORS: Final = (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError, asyncpg.SerializationError)

_UNAVAILABLE_CLASSES: Final = ("08", "53", "57", "58")
"""SQLSTATE classes: connection exception, insufficient resources, operator intervention, system error."""

_UNAVAILABLE_ERRORS: Final = (
    *CONNECTION_ERRORS,
    OSError,
    asyncio.TimeoutError,
    PoolTimeoutError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


def reason(error: BaseException) -> str:
    """Return the driver's own words about an error, in one line and without the statement."""
    cause = _cause(error)
    if isinstance(cause, DatabaseConnectionError):
        return str(cause)
    if isinstance(cause, TimeoutError) and not str(cause):
        return "no response in time"
    text = " ".join(str(cause).split()) or "no details"
    return f"{type(cause).__name__}: {text}"


def is_lock_conflict(error: BaseException) -> bool:
    """Return whether Postgres ended this transaction because of another one."""
    return isinstance(_cause(error), _LOCK_ERRORS)


def refusal(error: BaseException) -> errors.Unavailable | None:
    """Return the refusal for an error; None if the statement or its values are the cause, which is a bug."""
    if is_lock_conflict(error):
        return errors.Unavailable("Database transaction conflicted with another one", retry_after=1)
    cause = _cause(error)
    if isinstance(cause, asyncpg.ReadOnlySQLTransactionError):
        return errors.Unavailable("Database is read-only")
    if _is_connection_lost(error) or isinstance(cause, _UNAVAILABLE_ERRORS) or _is_unavailable_class(cause):
        return errors.Unavailable("Database is not reachable")
    return None


def is_permanent(error: BaseException) -> bool:
    """Return whether no connection could be opened for a reason that waiting does not remove."""
    cause = _cause(error)
    if isinstance(cause, DatabaseConnectionError) and cause.__cause__ is not None:
        cause = cause.__cause__
    if isinstance(cause, socket.gaierror):
        return cause.errno == socket.EAI_NONAME
    if isinstance(cause, asyncpg.PostgresError):
        # for a server that starts, stops or has no free connection
        return not (cause.sqlstate or "").startswith(("53", "57"))
    return isinstance(cause, asyncpg.InterfaceError | ValueError | ssl.SSLError | FileNotFoundError)


def _is_unavailable_class(cause: BaseException) -> bool:
    sqlstate = getattr(cause, "sqlstate", None) or ""
    return isinstance(cause, asyncpg.PostgresError) and sqlstate.startswith(_UNAVAILABLE_CLASSES)


def _is_connection_lost(error: BaseException) -> bool:
    is_invalidated = isinstance(error, DBAPIError) and error.connection_invalidated
    # the driver has no class of its own for the use of a closed connection
    return is_invalidated or (isinstance(_cause(error), asyncpg.InterfaceError) and "closed" in str(_cause(error)))


def _cause(error: BaseException) -> BaseException:
    """Return the driver's error behind one of SQLAlchemy."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error
