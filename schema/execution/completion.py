"""Completes values: from what a resolver gave to what the answer shows, type by type, as the specification says."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import CoroutineType
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLOutputType,
    Undefined,
    default_type_resolver,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.pyutils import gather_with_cancel, inspect, is_iterable
from strawberry.execution import optimized_is_awaitable as is_awaitable

from schema.execution import execute, leaf_types, projections
from schema.execution.execute import Run
from schema.execution.plans import Complete, Field, Place, Project, Selection


def of(field: Field) -> Complete:
    """Completes the values of a field: by a projection where all that is asked is plain, else step by step."""
    stepwise = _of_type(field, field.kind)
    if not projections.answers_plainly(field):
        return stepwise
    project: Project | None = None

    def complete(state: Run, value: Any, place: Place) -> Any:  # noqa: ANN401
        nonlocal project
        if project is None:
            # made when it is needed: most plain fields are part of another's projection
            project = projections.of_field(field)
        try:
            return project(value)
        except Exception:  # noqa: BLE001  whatever it was, it comes again at its place
            return stepwise(state, value, place)

    return complete


def _of_type(field: Field, kind: GraphQLOutputType) -> Complete:
    if is_non_null_type(kind):
        return _non_null(field, _of_type(field, kind.of_type))
    if is_list_type(kind):
        return _present(_list(field, kind.of_type))
    if is_leaf_type(kind):
        return _present(lambda _state, value, _place: leaf_types.written(kind, value))
    if is_abstract_type(kind):
        return _present(_abstract(field, kind))
    [selection] = field.selections.values()
    return _present(_object(field, selection))


def _non_null(field: Field, inner: Complete) -> Complete:
    def complete(state: Run, value: Any, place: Place) -> Any:  # noqa: ANN401
        completed = inner(state, value, place)
        if completed is None:
            raise TypeError(f"Cannot return null for non-nullable field {field.parent}.{field.nodes[0].name.value}.")
        return completed

    return complete


def _present(inner: Complete) -> Complete:
    """Null stays null, and an exception that was given as a value is raised."""

    def complete(state: Run, value: Any, place: Place) -> Any:  # noqa: ANN401
        if isinstance(value, Exception):
            raise value
        return None if value is None or value is Undefined else inner(state, value, place)

    return complete


def _object(field: Field, selection: Selection) -> Complete:
    def complete(state: Run, value: Any, place: Place) -> Any:  # noqa: ANN401
        if value.__class__ is selection.origin:
            return execute.filled(state, selection, value, place)
        is_type_of = selection.kind.is_type_of
        if is_type_of is not None and not is_type_of(value, state.info(field, place)):
            raise GraphQLError(f"Expected value of type '{selection.kind}' but got: {inspect(value)}.", field.nodes)
        return execute.filled_slowly(state, selection, value, place)

    return complete


def _abstract(field: Field, kind: GraphQLAbstractType) -> Complete:
    find: Callable[..., str | None] = kind.resolve_type or default_type_resolver  # type: ignore[assignment]
    objects = {name: _object(field, selection) for name, selection in field.selections.items()}
    origins = [selection.origin for selection in field.selections.values()]
    # one class may stand for several types, if it is generic: those are told apart by Strawberry
    known = {each.origin: name for name, each in field.selections.items() if origins.count(each.origin) == 1}

    def complete(state: Run, value: Any, place: Place) -> Any:  # noqa: ANN401
        name = known.get(value.__class__) or find(value, state.info(field, place), kind)
        return objects[_checked(field, kind, name, objects)](state, value, place)

    return complete


def _checked(field: Field, kind: GraphQLAbstractType, name: str | None, objects: Mapping[str, Complete]) -> str:
    if name is None:
        where = f"'{field.parent}.{field.nodes[0].name.value}'"
        raise GraphQLError(
            f"Abstract type '{kind}' must resolve to an Object type at runtime for field {where}. Either the '{kind}' "
            "type should provide a 'resolve_type' function or each possible type should provide an 'is_type_of' "
            "function.",
            field.nodes,
        )
    if name not in objects:
        raise GraphQLError(f"Runtime Object type '{name}' is not a possible type for '{kind}'.", field.nodes)
    return name


def _list(field: Field, kind: GraphQLOutputType) -> Complete:
    inner, may_be_null = _of_type(field, kind), not is_non_null_type(kind)

    def item(state: Run, value: Any, place: Place) -> Any:  # noqa: ANN401
        try:
            return execute.entered(state, field, inner, value, place, may_be_null=may_be_null)
        except Exception as error:  # noqa: BLE001  whatever it is, it is the item's error
            state.failures.meet(error, field.nodes, place, may_be_null=may_be_null)
            return None

    def complete(state: Run, value: Any, place: Place) -> Any:  # noqa: ANN401
        if not is_iterable(value):
            where = f"'{field.parent}.{field.nodes[0].name.value}'"
            raise GraphQLError(f"Expected Iterable, but did not find one for field {where}.")
        return _listed(state, item, iter(value), place)

    return complete


def _listed(state: Run, item: Complete, values: Iterator[Any], place: Place) -> Any:  # noqa: ANN401
    items: list[Any] = []
    waiting: list[int] = []
    try:
        for index, value in enumerate(values):
            items.append(completed := item(state, value, (place, index, None)))
            if completed.__class__ is CoroutineType:
                waiting.append(index)
    except Exception:
        state.abandon([*(items[index] for index in waiting), *filter(is_awaitable, values)])
        raise
    return _awaited_items(items, waiting) if waiting else items


async def _awaited_items(items: list[Any], waiting: Sequence[int]) -> list[Any]:
    if len(waiting) == 1:
        [index] = waiting
        items[index] = await items[index]
    else:
        values = await gather_with_cancel(*(items[index] for index in waiting))
        for index, value in zip(waiting, values, strict=True):
            items[index] = value
    return items
