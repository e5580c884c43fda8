"""Who may read the schema, and what the others are told when their document does not fit it."""

from collections.abc import Iterator
from typing import Final

from graphql import GraphQLError, GraphQLSyntaxError
from graphql.validation import NoSchemaIntrospectionCustomRule
from strawberry.extensions import SchemaExtension

from core.scopes import Scope
from resolvers.access.context import Context

_OPAQUE: Final = "The document or its variables do not fit the schema."


def is_allowed(ctx: Context) -> bool:
    """Whether this caller may read the schema."""
    match ctx.services.settings.graphql.introspection:
        case "open":
            return True
        case "scoped":
            return ctx.identity is not None and Scope.INTROSPECTION in ctx.identity.scopes
        case "off":
            return False


def hide_schema_details(errors: list[GraphQLError]) -> list[GraphQLError]:
    """What those may know who may not read the schema: one error for all that would tell what there is.

    Names of fields, types and arguments can be guessed from what a validator says of a wrong one, and from its
    silence about a right one.
    """
    kept = [error for error in errors if not _tells(error)]
    return kept if len(kept) == len(errors) else [*kept, GraphQLError(_OPAQUE)]


def _tells(error: GraphQLError) -> bool:
    is_ours = "code" in (error.extensions or {}) or not isinstance(error.original_error, GraphQLError | None)
    return error.path is None and not is_ours and not isinstance(error, GraphQLSyntaxError)


class IntrospectionExtension(SchemaExtension):
    """Keeps the schema from those who may not read it."""

    def on_validate(self) -> Iterator[None]:
        """Before the rules are applied."""
        context = self.execution_context
        if not is_allowed(context.context.ctx):
            context.validation_rules = (*context.validation_rules, NoSchemaIntrospectionCustomRule)
        yield
