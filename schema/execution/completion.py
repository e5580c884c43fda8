"""Value completion: CompleteValue of the GraphQL specification, compiled for each field."""

from collections.abc import Callable, Iterator
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
from graphql.pyutils import inspect, is_iterable
from strawberry.execution import optimized_is_awaitable as is_awaitable

from schema.execution import execute, leaf_types, projections
from schema.execution.plans import (
    Execution,
    FieldPlan,
    Projection,
    ResolveInfo,
    ResponsePath,
    SelectionPlan,
    ValueCompleter,
    ValuePlan,
)


def build_completer(field: FieldPlan) -> ValueCompleter:
    """Complete by a projection where the selection is plain, and step by step when the projection fails."""
    stepwise = _for_type(field, field.return_type)
    if not projections.has_plain_selection(field):
        return stepwise
    project: Projection | None = None

    def complete(execution: Execution, value: Any, path: ResponsePath) -> Any:  # noqa: ANN401
        nonlocal project
        if value.__class__ is leaf_types.EncodedJson:
            return value
        if project is None:
            # compiled on first use: most plain fields are part of an enclosing projection
            project = projections.compile_field_projection(field)
        try:
            return project(value)
        except Exception:  # noqa: BLE001  stepwise completion raises it again, with its path
            return stepwise(execution, value, path)

    return complete


def _for_type(field: FieldPlan, return_type: GraphQLOutputType) -> ValueCompleter:
    if is_non_null_type(return_type):
        return _non_null(field, _for_type(field, return_type.of_type))
    if is_list_type(return_type):
        return _nullable(_list(field, return_type.of_type))
    if is_leaf_type(return_type):
        return _nullable(lambda _execution, value, _path: leaf_types.coerce_output(return_type, value))
    if is_abstract_type(return_type):
        return _nullable(_abstract(field, return_type))
    [selection] = field.selections.values()
    return _nullable(_object(field, selection))


def _non_null(field: FieldPlan, inner: ValueCompleter) -> ValueCompleter:
    def complete(execution: Execution, value: Any, path: ResponsePath) -> Any:  # noqa: ANN401
        completed = inner(execution, value, path)
        if completed is None:
            raise TypeError(f"Cannot return null for non-nullable field {field.coordinate}.")
        return completed

    return complete


def _nullable(inner: ValueCompleter) -> ValueCompleter:
    """Leave null as it is, and raise an exception that a resolver returned as its value."""

    def complete(execution: Execution, value: Any, path: ResponsePath) -> Any:  # noqa: ANN401
        if isinstance(value, Exception):
            raise value
        return None if value is None or value is Undefined else inner(execution, value, path)

    return complete


def _object(field: FieldPlan, selection: SelectionPlan) -> ValueCompleter:
    def complete(execution: Execution, value: Any, path: ResponsePath) -> Any:  # noqa: ANN401
        if value.__class__ is selection.python_type:
            return execute.execute_selection(execution, selection, value, path)
        if value.__class__ is leaf_types.EncodedJson:
            return value
        is_type_of: Callable[..., Any] | None = selection.object_type.is_type_of
        if is_type_of is not None and not is_type_of(value, ResolveInfo(execution, field, path)):
            raise GraphQLError(
                f"Expected value of type '{selection.object_type}' but got: {inspect(value)}.", field.nodes
            )
        return execute.execute_fields(execution, selection.fields, {}, value, path)

    return complete


def _abstract(field: FieldPlan, abstract_type: GraphQLAbstractType) -> ValueCompleter:
    resolve_type: Callable[..., str | None] = abstract_type.resolve_type or default_type_resolver  # type: ignore[assignment]
    completers: dict[str | None, ValueCompleter] = {
        name: _object(field, selection) for name, selection in field.selections.items()
    }
    classes = [selection.python_type for selection in field.selections.values()]
    # a generic class may have several object types: only Strawberry's type resolver can distinguish them
    names = {each.python_type: name for name, each in field.selections.items() if classes.count(each.python_type) == 1}

    def complete(execution: Execution, value: Any, path: ResponsePath) -> Any:  # noqa: ANN401
        name = names.get(value.__class__) or resolve_type(value, ResolveInfo(execution, field, path), abstract_type)
        if name not in completers:
            raise GraphQLError(_not_a_possible_type(field, abstract_type, name), field.nodes)
        return completers[name](execution, value, path)

    return complete


def _not_a_possible_type(field: FieldPlan, abstract_type: GraphQLAbstractType, name: str | None) -> str:
    if name is not None:
        return f"Runtime Object type '{name}' is not a possible type for '{abstract_type}'."
    return (
        f"Abstract type '{abstract_type}' must resolve to an Object type at runtime for field '{field.coordinate}'. "
        f"Either the '{abstract_type}' type should provide a 'resolve_type' function or each possible type should "
        "provide an 'is_type_of' function."
    )


def _list(field: FieldPlan, item_type: GraphQLOutputType) -> ValueCompleter:
    item = ValuePlan(field.nodes, not is_non_null_type(item_type), _for_type(field, item_type))

    def complete(execution: Execution, value: Any, path: ResponsePath) -> Any:  # noqa: ANN401
        if value.__class__ is leaf_types.EncodedJson:
            return value
        if not is_iterable(value):
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{field.coordinate}'.")
        return _complete_items(execution, item, iter(value), path)

    return complete


def _complete_items(execution: Execution, item: ValuePlan, values: Iterator[Any], path: ResponsePath) -> Any:  # noqa: ANN401
    items: list[Any] = []
    pending: list[int] = []
    try:
        for index, value in enumerate(values):
            items.append(completed := execute.complete_value(execution, item, value, (path, index, None)))
            if completed.__class__ is CoroutineType:
                pending.append(index)
    except Exception:
        execution.finish_in_background([*(items[index] for index in pending), *filter(is_awaitable, values)])
        raise
    return execution.keep(execute.await_pending(items, pending)) if pending else items
