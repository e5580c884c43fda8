"""A Strawberry schema that caches valid documents and executes repeated ones by compiled plans."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final

import strawberry
from graphql import DocumentNode, GraphQLError, GraphQLSchema, specified_rules
from graphql import OperationType as CoreOperationType
from graphql.execution.values import VariableValues
from graphql.pyutils import AwaitableOrValue
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from schema.execution import introspection
from schema.execution.document_cache import CachedDocument, DocumentCache
from schema.execution.execute import execute_plan
from schema.execution.plans import OperationPlan
from schema.execution.validation import ValidationExtension

_SPECIFIED_RULES: Final = frozenset(specified_rules)


@dataclass(frozen=True, slots=True)
class ExecutionPolicy:
    """What the schema's extensions do for an operation; execution by a plan bypasses the extensions."""

    allows: Callable[[CachedDocument, Mapping[str, Any], Mapping[str, Any]], bool]
    """Whether a document may be executed with these variables and request extensions; if not, extensions decide."""
    new_context: Callable[[Any], Any]
    """Makes the context of one operation from that of the request."""
    format_error: Callable[[GraphQLError], GraphQLError]
    """Converts an error to its public form."""


class DocumentCacheExtension(SchemaExtension):
    """Skips parsing and validation of cached documents, and caches valid ones."""

    def __init__(self, document_cache: DocumentCache) -> None:
        self._document_cache = document_cache
        self._cached: CachedDocument | None = None

    def on_parse(self) -> Iterator[None]:
        """Provide a cached document, which then is not parsed."""
        context = self.execution_context
        self._cached = self._document_cache.find(context.query) if context.query else None
        if self._cached is not None:
            context.graphql_document = self._cached.node
        yield

    def on_validate(self) -> Iterator[None]:
        """Skip the rules of the specification for a cached document; cache a document that no extension refused."""
        context = self.execution_context
        if self._cached is not None:
            # rules of other extensions may depend on the caller: they always apply
            context.validation_rules = tuple(rule for rule in context.validation_rules if rule not in _SPECIFIED_RULES)
        yield
        is_new = self._cached is None and not context.pre_execution_errors
        if is_new and context.query and context.graphql_document:
            document = CachedDocument(context.schema, context.query, context.graphql_document)
            self._document_cache.add(context.query, document)


class CompiledExecutionContext(StrawberryGraphQLCoreExecutionContext):
    """Runs the plan of the operation if it has one: for streamed operations and the events of subscriptions."""

    document_cache: ClassVar[DocumentCache]
    plan: OperationPlan | None = None

    @classmethod
    def build(cls, schema: GraphQLSchema, document: DocumentNode, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Build the context and look up its plan; returns a list of errors for an invalid request."""
        context = super().build(schema, document, *args, **kwargs)
        cached = cls.document_cache.find_by_node(document)
        if cached is not None and isinstance(context, CompiledExecutionContext):
            is_subscription = context.operation.operation is CoreOperationType.SUBSCRIPTION
            if cached.is_repeated or is_subscription:
                context.plan = cached.plan(context.operation, context.variable_values)
        return context

    def execute_operation(self, serially: bool | None = None) -> AwaitableOrValue[Any]:  # noqa: FBT001  the base class's
        """Execute the operation; of a subscription, one event."""
        if self.plan is None:
            execute = partial(super().execute_operation, serially)
            is_introspection = introspection.is_introspection(self.operation, self.fragment_definitions)
            return introspection.run(execute) if is_introspection else execute()
        return execute_plan(
            self.plan, self.context_value, self.root_value, self.variable_values, self.operation_extensions
        )


class CompiledSchema(strawberry.Schema):
    """Has the same responses as its base class, with at most ``max_errors`` errors of validation.

    Without a policy it compiles nothing.
    """

    def __init__(
        self,
        *args: Any,  # noqa: ANN401  the base class's
        policy: ExecutionPolicy | None = None,
        extensions: Iterable[Any] = (),
        max_errors: int = 100,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        self.document_cache, self._policy = DocumentCache(), policy
        if policy is not None:
            extensions = [*extensions, lambda: DocumentCacheExtension(self.document_cache)]
            attributes = {"document_cache": self.document_cache}
            kwargs["execution_context_class"] = type("_ExecutionContext", (CompiledExecutionContext,), attributes)
        extensions = [*extensions, partial(ValidationExtension, max_errors)]
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
        """Execute a repeated document by its plan if it has one, and everything else by the base class."""
        may_query = allowed_operation_types is None or OperationType.QUERY in allowed_operation_types
        found = (
            self._find_plan(query, operation_name, variable_values or {}, operation_extensions or {})
            if query and may_query
            else None
        )
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
        context = self._policy.new_context(context_value)
        result = await execute_plan(plan, context, root_value, variables, operation_extensions)
        errors = [self._policy.format_error(error) for error in result.errors] if result.errors else None
        return ExecutionResult(result.data, errors, {})

    def _find_plan(
        self, query: str, operation_name: str | None, values: Mapping[str, Any], extensions: Mapping[str, Any]
    ) -> tuple[OperationPlan, VariableValues] | None:
        document = self.document_cache.find(query)
        operation = document.operation(operation_name) if document else None
        if document is None or operation is None or self._policy is None:
            return None
        variables = document.coerce_variables(operation, values)
        if variables is None or not self._policy.allows(document, values, extensions):
            return None
        document.is_repeated = True
        plan = document.plan(operation, variables)
        return (plan, variables) if plan is not None else None
