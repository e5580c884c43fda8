"""The ``info`` argument of resolvers, with the attributes of graphql-core's GraphQLResolveInfo."""

from types import SimpleNamespace
from typing import Any

from strawberry.execution import optimized_is_awaitable

from schema.execution import response_path
from schema.execution.plans import Execution, FieldPlan
from schema.execution.response_path import ResponsePath


class ResolveInfo:
    """Holds the context, which every resolver reads; all other attributes are computed on first access."""

    __slots__ = ("_computed", "_execution", "_field", "_path", "context")

    def __init__(self, execution: Execution, field: FieldPlan, path: ResponsePath) -> None:
        self.context = execution.context
        self._execution, self._field, self._path = execution, field, path
        self._computed: SimpleNamespace | None = None

    @property
    def cache(self) -> dict[object, Any]:
        """A cache for facts that depend on the document alone; GraphQLResolveInfo has none."""
        return self._field.cache

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  attributes of any type
        if self._computed is None:
            self._computed = _attributes(self._execution, self._field, self._path)
        return getattr(self._computed, name)


def _attributes(execution: Execution, field: FieldPlan, path: ResponsePath) -> SimpleNamespace:
    plan = execution.plan
    return SimpleNamespace(
        field_name=field.nodes[0].name.value,
        field_nodes=field.nodes,
        return_type=field.return_type,
        parent_type=field.parent_type,
        path=response_path.as_graphql_path(path),
        schema=plan.schema,
        fragments=plan.fragments,
        root_value=execution.root_value,
        operation=plan.operation,
        variable_values=execution.variables.coerced,
        is_awaitable=optimized_is_awaitable,
        abort_signal=None,
        operation_extensions=execution.extensions,
    )
