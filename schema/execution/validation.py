"""Validation that stops after a number of errors; Strawberry's stops after graphql-core's default of 100."""

from collections.abc import Iterator

from graphql import validate
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from schema.execution import strawberry_internals


class ValidationExtension(SchemaExtension):
    """Validates a document in place of Strawberry. It must be the last extension: others choose the rules."""

    def __init__(self, max_errors: int) -> None:
        self._max_errors = max_errors

    def on_validate(self) -> Iterator[None]:
        """Set the errors, which makes Strawberry skip validation; an empty list if there are none."""
        context = self.execution_context
        if context.graphql_document is not None and context.pre_execution_errors is None and context.validation_rules:
            rules = (*context.validation_rules, MaybeNullValidationRule, OneOfInputValidationRule)
            schema = strawberry_internals.core_schema(context.schema)
            context.pre_execution_errors = validate(schema, context.graphql_document, rules, self._max_errors)
        yield
