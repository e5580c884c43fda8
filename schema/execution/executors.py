"""Plans behind graphql-core's hook: for operations on sockets and streams, and for each event of a subscription."""

from typing import Any, ClassVar, Self

from graphql import DocumentNode, GraphQLSchema, OperationType
from graphql.pyutils import AwaitableOrValue
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from schema.execution.document_cache import Documents
from schema.execution.execute import run
from schema.execution.plans import Plan


class PlannedExecutor(StrawberryGraphQLCoreExecutionContext):
    """Strawberry's executor; runs the plan where there is one."""

    documents: ClassVar[Documents]
    plan: Plan | None = None

    @classmethod
    def over(cls, documents: Documents) -> type[Self]:
        """An executor that finds its plans there."""
        return type(cls.__name__, (cls,), {"documents": documents})

    @classmethod
    def build(cls, schema: GraphQLSchema, document: DocumentNode, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """As the base class; a list of errors where it is one."""
        executor = super().build(schema, document, *args, **kwargs)
        known = cls.documents.of(document)
        if known is not None and isinstance(executor, PlannedExecutor):
            is_subscription = executor.operation.operation is OperationType.SUBSCRIPTION
            if known.came_again or is_subscription:
                executor.plan = known.plan(executor.operation, executor.variable_values)
        return executor

    def execute_operation(self, serially: bool | None = None) -> AwaitableOrValue[Any]:  # noqa: FBT001  the base class's
        """The answer, for one event if the operation is a subscription."""
        if self.plan is None:
            return super().execute_operation(serially)
        return run(self.plan, self.context_value, self.root_value, self.variable_values, self.operation_extensions)
