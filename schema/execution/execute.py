"""Execute a plan: ExecuteSelectionSet and ExecuteField of the GraphQL specification.

Fields run in graphql-core's order and in the same tasks, so that dataloaders batch alike and of several errors the
same ones are reported.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from types import CoroutineType
from typing import Any

from graphql import ExecutionResult, GraphQLError, get_argument_values
from graphql.execution.values import VariableValues
from graphql.pyutils import gather_with_cancel
from strawberry.execution import optimized_is_awaitable as is_awaitable

from schema.execution.field_errors import FieldErrors
from schema.execution.plans import Execution, FieldPlan, OperationPlan, SelectionPlan, ValueCompleter
from schema.execution.resolve_info import ResolveInfo
from schema.execution.response_path import ResponsePath
from schema.execution.variables import NO_VARIABLES


class PlanExecution:
    """The state of one execution: its inputs and the errors so far."""

    __slots__ = ("_arguments", "_background", "context", "errors", "extensions", "plan", "root_value", "variables")

    def __init__(
        self,
        plan: OperationPlan,
        context: object,
        root_value: object,
        variables: VariableValues,
        extensions: Mapping[str, Any] | None,
    ) -> None:
        self.plan, self.context, self.root_value = plan, context, root_value
        self.variables, self.extensions = variables, extensions
        self.errors = FieldErrors()
        self._arguments: dict[FieldPlan, Mapping[str, Any]] = {}
        self._background: set[asyncio.Future[Any]] = set()

    def info(self, field: FieldPlan, path: ResponsePath) -> Any:  # noqa: ANN401  has the attributes of GraphQLResolveInfo
        return ResolveInfo(self, field, path)

    def arguments(self, field: FieldPlan) -> Mapping[str, Any]:
        """Return the coerced arguments of a field, the same for each of its parent objects. Raises GraphQLError."""
        compiled = field.arguments
        if compiled is not None and not compiled.variables:
            return compiled.constants
        if field not in self._arguments:
            arguments = compiled.fill(self.variables) if compiled is not None else None
            if arguments is None:
                arguments = get_argument_values(field.definition, field.nodes[0], self.variables)
            self._arguments[field] = arguments
        return self._arguments[field]

    def finish_in_background(self, awaitables: Sequence[Awaitable[Any]]) -> None:
        """Run awaitables whose results are no longer needed to their end, so that their errors are retrieved."""
        if awaitables:
            future = asyncio.gather(*awaitables, return_exceptions=True)
            self._background.add(future)
            future.add_done_callback(self._background.discard)


async def execute_plan(
    plan: OperationPlan,
    context: object,
    root_value: object = None,
    variables: VariableValues = NO_VARIABLES,
    extensions: Mapping[str, Any] | None = None,
) -> ExecutionResult:
    """Execute an operation by its plan. For a subscription, ``root_value`` is the event. Errors are not masked."""
    execution = PlanExecution(plan, context, root_value, variables, extensions)
    try:
        data = execute_selection(execution, plan.root, root_value, None)
        if data.__class__ is CoroutineType:
            data = await data
    except GraphQLError as error:
        execution.errors.add(error, None)
        data = None
    return ExecutionResult(data, execution.errors.errors or None)


def execute_selection(execution: Execution, selection: SelectionPlan, source: object, path: ResponsePath | None) -> Any:  # noqa: ANN401
    """Return the response value of an object, or a coroutine of it: the projection first, then the other fields."""
    try:
        response, fields = selection.project(source), selection.dynamic_fields
    except Exception:  # noqa: BLE001  executing field by field raises it again, with its path
        response, fields = {}, selection.fields
    return _execute_fields(execution, fields, response, source, path) if fields else response


def execute_fields(execution: Execution, selection: SelectionPlan, source: object, path: ResponsePath | None) -> Any:  # noqa: ANN401
    """Do the same as ``execute_selection``, without a projection."""
    return _execute_fields(execution, selection.fields, {}, source, path)


def _execute_fields(
    execution: Execution,
    fields: Sequence[FieldPlan],
    response: dict[str, Any],
    source: object,
    path: ResponsePath | None,
) -> Any:  # noqa: ANN401
    pending: list[str] = []
    try:
        for field in fields:
            response[field.response_name] = value = _execute_field(execution, field, source, path)
            if value.__class__ is CoroutineType:
                pending.append(field.response_name)
    except Exception:
        execution.finish_in_background([response[name] for name in pending])
        raise
    return _await_fields(response, pending) if pending else response


async def _await_fields(response: dict[str, Any], pending: Sequence[str]) -> dict[str, Any]:
    if len(pending) == 1:
        [name] = pending
        response[name] = await response[name]
    else:
        values = await gather_with_cancel(*(response[name] for name in pending))
        response.update(zip(pending, values, strict=True))
    return response


def _execute_field(execution: Execution, field: FieldPlan, source: object, parent_path: ResponsePath | None) -> Any:  # noqa: ANN401
    path = (parent_path, field.response_name, field.parent_type.name)
    try:
        value = field.resolve(execution, field, source, path)
        completed = complete_value(execution, field, field.complete, value, path, is_nullable=field.is_nullable)
    except Exception as error:  # noqa: BLE001  every exception of a resolver is the field's error
        execution.errors.record_or_raise(error, field.nodes, path, is_nullable=field.is_nullable)
        return None
    return completed


def complete_value(
    execution: Execution,
    field: FieldPlan,
    complete: ValueCompleter,
    value: Any,  # noqa: ANN401  any value
    path: ResponsePath,
    *,
    is_nullable: bool,
) -> Any:  # noqa: ANN401
    """Complete a field's value or a list's item.

    Errors are raised, unless the result is a coroutine: that handles its own.
    """
    if is_awaitable(value):
        return _complete_awaitable(execution, field, complete, value, path, is_nullable=is_nullable)
    completed = complete(execution, value, path)
    if completed.__class__ is CoroutineType:
        return _await_completed(execution, field, completed, path, is_nullable=is_nullable)
    return completed


async def _complete_awaitable(
    execution: Execution,
    field: FieldPlan,
    complete: ValueCompleter,
    value: Awaitable[Any],
    path: ResponsePath,
    *,
    is_nullable: bool,
) -> Any:  # noqa: ANN401
    try:
        completed = complete(execution, await value, path)
        if completed.__class__ is CoroutineType:
            completed = await completed
    except Exception as error:  # noqa: BLE001  as in _execute_field
        execution.errors.record_or_raise(error, field.nodes, path, is_nullable=is_nullable)
        return None
    return completed


async def _await_completed(
    execution: Execution, field: FieldPlan, completed: Awaitable[Any], path: ResponsePath, *, is_nullable: bool
) -> Any:  # noqa: ANN401
    try:
        return await completed
    except Exception as error:  # noqa: BLE001  as in _execute_field
        execution.errors.record_or_raise(error, field.nodes, path, is_nullable=is_nullable)
        return None
