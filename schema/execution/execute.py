"""Runs a plan: the specification's algorithm, in graphql-core's order and by its tasks; it knows no document."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from types import CoroutineType
from typing import Any

from graphql import ExecutionResult, GraphQLError, get_argument_values
from graphql.execution.values import VariableValues
from graphql.pyutils import gather_with_cancel
from strawberry.execution import optimized_is_awaitable as is_awaitable

from schema.execution.field_errors import Failures
from schema.execution.plans import Complete, Field, Place, Plan, Selection
from schema.execution.resolve_info import Info
from schema.execution.variables import NONE


class Run:
    """One execution: what it was started with, and what went wrong so far."""

    __slots__ = ("_arguments", "_background", "context", "extensions", "failures", "plan", "root", "variables")

    def __init__(
        self, plan: Plan, context: object, root: object, variables: VariableValues, extensions: Mapping[str, Any] | None
    ) -> None:
        self.plan, self.context, self.root = plan, context, root
        self.variables, self.extensions = variables, extensions
        self.failures = Failures()
        self._arguments: dict[Field, Mapping[str, Any]] = {}
        self._background: set[asyncio.Future[Any]] = set()

    def info(self, field: Field, place: Place) -> Any:  # noqa: ANN401  stands for graphql-core's
        """What the field's resolver is told, an Info."""
        return Info(self, field, place)

    def arguments(self, field: Field) -> Mapping[str, Any]:
        """What the field's resolver is called with; the same for each of its objects. Raises GraphQLError."""
        known = field.arguments
        if known is not None and not known.variables:
            return known.told
        if field not in self._arguments:
            found = known.filled(self.variables) if known is not None else None
            if found is None:
                found = get_argument_values(field.definition, field.nodes[0], self.variables)
            self._arguments[field] = found
        return self._arguments[field]

    def abandon(self, waiting: Sequence[Awaitable[Any]]) -> None:
        """Let what nobody waits for any more come to its end, so that its errors are seen."""
        if waiting:
            future = asyncio.gather(*waiting, return_exceptions=True)
            self._background.add(future)
            future.add_done_callback(self._background.discard)


async def run(
    plan: Plan,
    context: object,
    root: object = None,
    variables: VariableValues = NONE,
    extensions: Mapping[str, Any] | None = None,
) -> ExecutionResult:
    """Answer an operation by its plan, ``root`` being the event for one of a subscription. Errors are not masked."""
    state = Run(plan, context, root, variables, extensions)
    try:
        data = filled(state, plan.root, root, None)
        if data.__class__ is CoroutineType:
            data = await data
    except GraphQLError as error:
        state.failures.add(error, None)
        data = None
    return ExecutionResult(data, state.failures.errors or None)


def filled(state: Run, selection: Selection, source: object, place: Place | None) -> Any:  # noqa: ANN401
    """An object's part of the answer, or a coroutine of it: what is plain at once, then field by field."""
    try:
        answer, fields = selection.project(source), selection.dynamic
    except Exception:  # noqa: BLE001  whatever it was, it comes again at its place
        answer, fields = {}, selection.fields
    return _filled(state, fields, answer, source, place) if fields else answer


def filled_slowly(state: Run, selection: Selection, source: object, place: Place | None) -> Any:  # noqa: ANN401
    """The same without a projection."""
    return _filled(state, selection.fields, {}, source, place)


def _filled(state: Run, fields: Sequence[Field], answer: dict[str, Any], source: object, place: Place | None) -> Any:  # noqa: ANN401
    waiting: list[str] = []
    try:
        for field in fields:
            answer[field.name] = value = _field(state, field, source, place)
            if value.__class__ is CoroutineType:
                waiting.append(field.name)
    except Exception:
        state.abandon([answer[name] for name in waiting])
        raise
    return _awaited_fields(answer, waiting) if waiting else answer


async def _awaited_fields(answer: dict[str, Any], waiting: Sequence[str]) -> dict[str, Any]:
    if len(waiting) == 1:
        [name] = waiting
        answer[name] = await answer[name]
    else:
        values = await gather_with_cancel(*(answer[name] for name in waiting))
        answer.update(zip(waiting, values, strict=True))
    return answer


def _field(state: Run, field: Field, source: object, before: Place | None) -> Any:  # noqa: ANN401
    place = (before, field.name, field.parent.name)
    try:
        value = field.resolve(state, field, source, place)
        completed = entered(state, field, field.complete, value, place, may_be_null=field.may_be_null)
    except Exception as error:  # noqa: BLE001  whatever a resolver raises is the field's error
        state.failures.meet(error, field.nodes, place, may_be_null=field.may_be_null)
        return None
    return completed


def entered(state: Run, field: Field, complete: Complete, value: Any, place: Place, *, may_be_null: bool) -> Any:  # noqa: ANN401
    """A field's value or a list's item completed, or a coroutine of that which notes its errors. Raises its errors."""
    if is_awaitable(value):
        return _awaited(state, field, complete, value, place, may_be_null=may_be_null)
    completed = complete(state, value, place)
    if completed.__class__ is CoroutineType:
        return _guarded(state, field, completed, place, may_be_null=may_be_null)
    return completed


async def _awaited(
    state: Run, field: Field, complete: Complete, value: Awaitable[Any], place: Place, *, may_be_null: bool
) -> Any:  # noqa: ANN401
    try:
        completed = complete(state, await value, place)
        if completed.__class__ is CoroutineType:
            completed = await completed
    except Exception as error:  # noqa: BLE001  likewise
        state.failures.meet(error, field.nodes, place, may_be_null=may_be_null)
        return None
    return completed


async def _guarded(state: Run, field: Field, completed: Awaitable[Any], place: Place, *, may_be_null: bool) -> Any:  # noqa: ANN401
    try:
        return await completed
    except Exception as error:  # noqa: BLE001  likewise
        state.failures.meet(error, field.nodes, place, may_be_null=may_be_null)
        return None
