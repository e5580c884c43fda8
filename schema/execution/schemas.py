"""A Strawberry schema that keeps valid documents and answers those that come again by their plans."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import strawberry
from graphql import GraphQLError, specified_rules
from graphql.execution.values import VariableValues
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from schema.execution.document_cache import Document, Documents
from schema.execution.execute import run
from schema.execution.executors import PlannedExecutor
from schema.execution.plans import Plan

_RULES: Final = frozenset(specified_rules)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a schema's extensions do around an operation, for those that do not pass through them."""

    admits: Callable[[Document, Mapping[str, Any], Mapping[str, Any]], bool]
    """Whether a document may be answered with these variables and request extensions; else the extensions decide."""
    renewed: Callable[[Any], Any]
    """The context of one operation."""
    presented: Callable[[GraphQLError], GraphQLError]
    """An error as it may leave."""


class Keeping(SchemaExtension):
    """On the stock way: a document that is kept is neither parsed nor validated again, one found valid is kept."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._known: Document | None = None

    def on_parse(self) -> Iterator[None]:
        """What is known needs no parsing."""
        context = self.execution_context
        self._known = self._documents.find(context.query) if context.query else None
        if self._known is not None:
            context.graphql_document = self._known.node
        yield

    def on_validate(self) -> Iterator[None]:
        """Nor validation; what other extensions refuse is not kept."""
        context = self.execution_context
        if self._known is not None:
            # what an extension adds to the rules may hang on the caller
            context.validation_rules = tuple(rule for rule in context.validation_rules if rule not in _RULES)
        yield
        is_new = self._known is None and not context.pre_execution_errors
        if is_new and context.query and context.graphql_document:
            document = Document(context.schema, context.query, context.graphql_document)
            self._documents.keep(context.query, document)


class CompiledSchema(strawberry.Schema):
    """Answers as its base class; without a policy it is nothing else."""

    def __init__(
        self,
        *args: Any,  # noqa: ANN401  the base class's
        policy: Policy | None = None,
        extensions: Iterable[Any] = (),
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        self.documents, self._policy = Documents(), policy
        if policy is not None:
            extensions = [*extensions, lambda: Keeping(self.documents)]
            kwargs["execution_context_class"] = PlannedExecutor.over(self.documents)
        super().__init__(*args, **{**kwargs, "extensions": extensions})

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,  # noqa: ANN401  the base class's
        root_value: Any | None = None,  # noqa: ANN401
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """By a plan, where there is one for what comes again; whatever else is the case, the base class does it all."""
        given, asked = variable_values or {}, operation_extensions or {}
        is_allowed = allowed_operation_types is None or OperationType.QUERY in allowed_operation_types
        found = self._planned(query, operation_name, given, asked) if query and is_allowed else None
        if found is None or self._policy is None:
            return await super().execute(
                query,
                variable_values,
                context_value,
                root_value,
                operation_name,
                allowed_operation_types,
                operation_extensions,
            )
        plan, variables = found
        result = await run(plan, self._policy.renewed(context_value), root_value, variables, operation_extensions)
        errors = [self._policy.presented(error) for error in result.errors] if result.errors else None
        return ExecutionResult(result.data, errors, {})

    def _planned(
        self, query: str, name: str | None, given: Mapping[str, Any], asked: Mapping[str, Any]
    ) -> tuple[Plan, VariableValues] | None:
        document = self.documents.find(query)
        operation = document.operation(name) if document else None
        if document is None or operation is None or self._policy is None:
            return None
        variables = document.coerced(operation, given)
        if variables is None or not self._policy.admits(document, given, asked):
            return None
        document.came_again = True
        plan = document.plan(operation, variables)
        return (plan, variables) if plan is not None else None
