"""An execution context for graphql-core that runs plans: for streamed operations and the events of subscriptions."""

from typing import Any, ClassVar, Self

from graphql import DocumentNode, GraphQLSchema, OperationType
from graphql.pyutils import AwaitableOrValue
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from schema.execution.document_cache import DocumentCache
from schema.execution.execute import execute_plan
from schema.execution.plans import OperationPlan


class CompiledExecutionContext(StrawberryGraphQLCoreExecutionContext):
    """Strawberry's execution context; runs the plan of the operation if it has one."""

    document_cache: ClassVar[DocumentCache]
    plan: OperationPlan | None = None

    @classmethod
    def with_cache(cls, document_cache: DocumentCache) -> type[Self]:
        """Return a subclass that takes its plans from this cache."""
        return type(cls.__name__, (cls,), {"document_cache": document_cache})

    @classmethod
    def build(cls, schema: GraphQLSchema, document: DocumentNode, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Build the context and look up its plan; returns a list of errors for an invalid request."""
        context = super().build(schema, document, *args, **kwargs)
        cached = cls.document_cache.find_by_node(document)
        if cached is not None and isinstance(context, CompiledExecutionContext):
            is_subscription = context.operation.operation is OperationType.SUBSCRIPTION
            if cached.is_repeated or is_subscription:
                context.plan = cached.plan(context.operation, context.variable_values)
        return context

    def execute_operation(self, serially: bool | None = None) -> AwaitableOrValue[Any]:  # noqa: FBT001  the base class's
        """Execute the operation; of a subscription, one event."""
        if self.plan is None:
            return super().execute_operation(serially)
        return execute_plan(
            self.plan, self.context_value, self.root_value, self.variable_values, self.operation_extensions
        )
