"""Access to the schema by introspection, and errors that would reveal it to callers without this access."""

from collections.abc import Iterator
from typing import Final

from graphql import GraphQLError, GraphQLSyntaxError
from graphql.validation import NoSchemaIntrospectionCustomRule
from strawberry.extensions import SchemaExtension

from core.scopes import Scope
from resolvers.access.context import Context

_OPAQUE: Final = "The document or its variables do not fit the schema."


def is_allowed(ctx: Context) -> bool:
    """Return whether the caller may introspect the schema."""
    match ctx.services.settings.graphql.introspection:
        case "open":
            return True
        case "scoped":
            return ctx.identity is not None and Scope.INTROSPECTION in ctx.identity.scopes
        case "off":
            return False


def hide_schema_details(errors: list[GraphQLError]) -> list[GraphQLError]:
    """Replace all errors that describe the schema by a single opaque one.

    Names of fields, types and arguments can be guessed from a validator's suggestions for a wrong name, and from the
    absence of an error for a right one.
    """
    public = [error for error in errors if not _reveals_schema(error)]
    return public if len(public) == len(errors) else [*public, GraphQLError(_OPAQUE)]


def _reveals_schema(error: GraphQLError) -> bool:
    is_ours = "code" in (error.extensions or {}) or not isinstance(error.original_error, GraphQLError | None)
    return error.path is None and not is_ours and not isinstance(error, GraphQLSyntaxError)


class IntrospectionExtension(SchemaExtension):
    """Rejects introspection fields for callers who may not introspect the schema."""

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        if not is_allowed(context.context.ctx):
            context.validation_rules = (*context.validation_rules, NoSchemaIntrospectionCustomRule)
        yield
