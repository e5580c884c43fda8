"""Execute a plan: ExecuteSelectionSet and ExecuteField of the GraphQL specification.

Fields run in graphql-core's order and in the same tasks, so that dataloaders batch alike and of several errors the
same ones are reported.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from types import CoroutineType
from typing import Any

from graphql import ExecutionResult, GraphQLError
from graphql.execution.values import VariableValues
from graphql.pyutils import gather_with_cancel
from strawberry.execution import optimized_is_awaitable as is_awaitable

from schema.execution.coercion import NO_VARIABLES
from schema.execution.plans import Execution, FieldPlan, OperationPlan, ResponsePath, SelectionPlan, ValuePlan


async def execute_plan(
    plan: OperationPlan,
    context: object,
    root_value: object = None,
    variables: VariableValues = NO_VARIABLES,
    extensions: Mapping[str, Any] | None = None,
) -> ExecutionResult:
    """Execute an operation by its plan. For a subscription, ``root_value`` is the event. Errors are not masked."""
    execution = Execution(plan, context, root_value, variables, extensions)
    try:
        data = execute_selection(execution, plan.root, root_value, None)
        if data.__class__ is CoroutineType:
            data = await data
    except GraphQLError as error:
        execution.add_error(error, None)
        data = None
    except asyncio.CancelledError:
        execution.close_unbegun()
        raise
    return ExecutionResult(data, execution.errors or None)


def execute_selection(execution: Execution, selection: SelectionPlan, source: object, path: ResponsePath | None) -> Any:  # noqa: ANN401
    """Return the response value of an object, or a coroutine of it: the projection first, then the other fields."""
    try:
        response, fields = selection.project(source), selection.dynamic_fields
    except Exception:  # noqa: BLE001  executing field by field raises it again, with its path
        response, fields = {}, selection.fields
    return execute_fields(execution, fields, response, source, path) if fields else response


def execute_fields(
    execution: Execution,
    fields: Sequence[FieldPlan],
    response: dict[str, Any],
    source: object,
    path: ResponsePath | None,
) -> Any:  # noqa: ANN401
    """Add the values of fields to the response value of an object and return it, or a coroutine of it."""
    pending: list[str] = []
    try:
        for field in fields:
            response[field.response_name] = value = _execute_field(execution, field, source, path)
            if value.__class__ is CoroutineType:
                pending.append(field.response_name)
    except Exception:
        execution.finish_in_background([response[name] for name in pending])
        raise
    return execution.keep(await_pending(response, pending)) if pending else response


async def await_pending(values: Any, keys: Sequence[Any]) -> Any:  # noqa: ANN401  a dictionary or list
    """Replace the coroutines at these keys of a dictionary, or indexes of a list, by their results."""
    if len(keys) == 1:
        values[keys[0]] = await values[keys[0]]
    else:
        results = await gather_with_cancel(*(values[key] for key in keys))
        for key, result in zip(keys, results, strict=True):
            values[key] = result
    return values


def _execute_field(execution: Execution, field: FieldPlan, source: object, parent_path: ResponsePath | None) -> Any:  # noqa: ANN401
    path = (parent_path, field.response_name, field.parent_type.name)
    try:
        value = field.resolve(execution, field, source, path)
    except Exception as error:  # noqa: BLE001  every exception of a resolver is the field's error
        execution.record_or_raise(error, field, path)
        return None
    return complete_value(execution, field, value, path)


def complete_value(execution: Execution, plan: ValuePlan, value: Any, path: ResponsePath) -> Any:  # noqa: ANN401
    """Complete a field's value or a list's item: return its response value, or a coroutine of it.

    An error is recorded if the value is nullable, and raised otherwise.
    """
    if is_awaitable(value):
        execution.keep(value)
        return execution.keep(_await_value(execution, plan, value, path, is_completed=False))
    try:
        completed = plan.complete(execution, value, path)
    except Exception as error:  # noqa: BLE001  as in _execute_field
        execution.record_or_raise(error, plan, path)
        return None
    if completed.__class__ is CoroutineType:
        return execution.keep(_await_value(execution, plan, completed, path, is_completed=True))
    return completed


async def _await_value(
    execution: Execution, plan: ValuePlan, awaitable: Awaitable[Any], path: ResponsePath, *, is_completed: bool
) -> Any:  # noqa: ANN401
    try:
        value = await awaitable
        if not is_completed:
            value = plan.complete(execution, value, path)
            if value.__class__ is CoroutineType:
                value = await value
    except Exception as error:  # noqa: BLE001  as in _execute_field
        execution.record_or_raise(error, plan, path)
        return None
    return value
