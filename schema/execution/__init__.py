"""A compiled executor for GraphQL operations. It knows no type of this product; see README.md."""

from schema.execution.coercion import NO_VARIABLES
from schema.execution.compiled_schema import CompiledSchema, ExecutionPolicy
from schema.execution.document_cache import CachedDocument, DocumentCache, argument_variables
from schema.execution.execute import execute_plan
from schema.execution.leaf_types import EncodedJson, enum_names
from schema.execution.plans import DelegatedProperty, FieldPlan, SelectionPlan
from schema.execution.strawberry_internals import core_info

__all__ = [
    "NO_VARIABLES",
    "CachedDocument",
    "CompiledSchema",
    "DelegatedProperty",
    "DocumentCache",
    "EncodedJson",
    "ExecutionPolicy",
    "FieldPlan",
    "SelectionPlan",
    "argument_variables",
    "core_info",
    "enum_names",
    "execute_plan",
]
