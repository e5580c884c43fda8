"""Schemas that the tests of a process share with its servers, because it takes half a second to build one."""

from typing import Final

from core.settings import DocumentSettings
from schema.execution.compiled_schema import CompiledSchema
from server import app

# generated documents give every field its own alias
_WIDE_LIMITS: Final = {
    "max_depth": 100,
    "max_root_fields": 100,
    "max_aliases": 10_000,
    "max_directives": 1_000,
    "max_fragment_spreads": 1_000,
    "max_cost": 10**9,
}


def shipped() -> CompiledSchema:
    """Return the schema with the limits that are set by default."""
    return app.build_schema(DocumentSettings())


def wide(*, is_compiled: bool = True) -> CompiledSchema:
    """Return the schema with limits that no document of a test reaches, with the compiled or the stock executor."""
    return app.build_schema(DocumentSettings(compiled=is_compiled, **_WIDE_LIMITS))
