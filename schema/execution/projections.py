"""Projections: generated functions that build the plain part of a response from attributes.

As in ``dataclasses``, the functions are compiled from generated source text. Of a client's document only response
names get into that text, after a check that they are identifiers. A projection raises an exception for every value that
it does not expect; it has no side effects by then, and the fields are executed one by one instead.
"""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLLeafType,
    GraphQLOutputType,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from schema.execution import leaf_types
from schema.execution.leaf_types import EncodedJson, ProjectionError
from schema.execution.plans import DelegatedProperty, FieldPlan, Projection, SelectionPlan

_MAX_DEPTH: Final = 12
"""Nested lists and objects in one function; CPython limits statically nested blocks to 20."""

_NEEDS_COERCION: Final = {
    "String": "{0}.__class__ is not str",
    "ID": "{0}.__class__ is not str",
    "Boolean": "{0}.__class__ is not bool",
    "Int": "{0}.__class__ is not int or not -2147483648 <= {0} <= 2147483647",
    "Float": "{0}.__class__ is not float or not -1e309 < {0} < 1e309",
}
"""The condition under which a value of the scalar is not its own response value. Infinity and NaN need coercion."""


def has_plain_selection(field: FieldPlan) -> bool:
    """Return whether everything that is selected below a field is an attribute; the field may have a resolver."""
    return not is_leaf_type(get_nullable_type(field.return_type)) and _is_plain_below(field, field.return_type, 0)


def dynamic_fields(fields: Sequence[FieldPlan]) -> tuple[FieldPlan, ...]:
    """Return the fields that a projection leaves out."""
    return tuple(field for field in fields if not _is_plain(field, 0))


def compile_field_projection(field: FieldPlan) -> Projection:
    """Compile a projection of the values of a field that has a plain selection."""
    writer = _FunctionWriter()
    return writer.function(lambda: writer.value(field.return_type, field, "source", 1))


def compile_object_projection(selection: SelectionPlan) -> Projection:
    """Return a projection of objects in which dynamic fields are None.

    It is compiled on its first call and replaces itself: many selections are part of an enclosing projection and never
    need one of their own.
    """

    def project(source: Any) -> Any:  # noqa: ANN401
        writer = _FunctionWriter()
        selection.project = writer.function(lambda: writer.object_display(selection, "source", 1))
        return selection.project(source)

    return project


def _is_plain(field: FieldPlan, depth: int) -> bool:
    """Return whether a field and everything that is selected below it are attributes."""
    if field.is_typename:
        return True
    return field.attribute is not None and _is_plain_below(field, field.return_type, depth)


def _is_plain_below(field: FieldPlan, output_type: GraphQLOutputType, depth: int) -> bool:
    lists = 0
    while not is_leaf_type(output_type):
        if is_abstract_type(output_type) or depth + lists > _MAX_DEPTH:
            return False
        if not (is_non_null_type(output_type) or is_list_type(output_type)):
            [selection] = field.selections.values()
            return all(_is_plain(inner, depth + lists + 1) for inner in selection.fields)
        lists += is_list_type(output_type)
        output_type = output_type.of_type
    return True


class _FunctionWriter:
    """Writes the source text of one function and collects its globals."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._globals: dict[str, Any] = {"ProjectionError": ProjectionError, "EncodedJson": EncodedJson}
        self._numbers = count()

    def function(self, write_body: Callable[[], str]) -> Projection:
        """Compile a function; ``write_body`` adds its lines and returns the expression of its result."""
        self._lines.append("def project(source):")
        self._add_line(1, f"return {write_body()}")
        # the text is generated: see the docstring of this module
        exec(compile("\n".join(self._lines), "<projection>", "exec"), self._globals)  # noqa: S102
        project: Projection = self._globals["project"]
        return project

    def value(
        self, output_type: GraphQLOutputType, field: FieldPlan, source: str, depth: int, *, is_nullable: bool = True
    ) -> str:
        """Add the lines that a value needs and return its expression."""
        if is_non_null_type(output_type):
            return self.value(output_type.of_type, field, source, depth, is_nullable=False)
        if is_leaf_type(output_type):
            return self._leaf(output_type, source, depth, is_nullable=is_nullable)
        result = self._new_name("result")
        if is_nullable:
            self._add_line(depth, f"{result} = None")
            self._add_line(depth, f"if {source} is not None:")
            depth += 1
        if is_list_type(output_type):
            self._list(output_type.of_type, field, source, result, depth)
        else:
            [selection] = field.selections.values()
            self._add_line(depth, f"{result} = {self.object_display(selection, source, depth)}")
        return result

    def object_display(self, selection: SelectionPlan, source: str, depth: int) -> str:
        """Add the lines that the fields of an object need and return a dictionary display."""
        if selection.python_type is not None:
            self._add_guard(f"{source}.__class__ is {self._global(selection.python_type)}", depth)
        targets: dict[str, str] = {}
        items = [
            f"{_key(each.response_name)}: {self._field(each, selection, source, depth, targets)}"
            for each in selection.fields
        ]
        return f"{{{', '.join(items)}}}"

    def _field(
        self, field: FieldPlan, selection: SelectionPlan, source: str, depth: int, targets: dict[str, str]
    ) -> str:
        if field.is_typename:
            return repr(selection.object_type.name)
        if field in selection.dynamic_fields:
            return "None"
        value = self._new_name("value")
        descriptor = getattr(selection.python_type, str(field.attribute), None)
        if isinstance(descriptor, DelegatedProperty):
            self._add_line(depth, f"{value} = {self._target(descriptor, source, depth, targets)}.{descriptor.name}")
        else:
            self._add_line(depth, f"{value} = {source}.{field.attribute}")
        return self.value(field.return_type, field, value, depth)

    def _target(self, descriptor: DelegatedProperty, source: str, depth: int, targets: dict[str, str]) -> str:
        if descriptor.target not in targets:
            targets[descriptor.target] = self._new_name("target")
            self._add_line(depth, f"{targets[descriptor.target]} = {source}.{descriptor.target}")
        return targets[descriptor.target]

    def _list(self, item_type: GraphQLOutputType, field: FieldPlan, source: str, result: str, depth: int) -> None:
        item, append = self._new_name("item"), self._new_name("append")
        self._add_line(depth, f"if {source}.__class__ is EncodedJson: {result} = {source}")
        self._add_line(depth, "else:")
        depth += 1
        self._add_guard(f"{source}.__class__ is list", depth)
        self._add_line(depth, f"{result} = []")
        self._add_line(depth, f"{append} = {result}.append")
        self._add_line(depth, f"for {item} in {source}:")
        value = self.value(item_type, field, item, depth + 1)
        self._add_line(depth + 1, f"{append}({value})")

    def _leaf(self, leaf_type: GraphQLLeafType, source: str, depth: int, *, is_nullable: bool) -> str:
        if isinstance(leaf_type, GraphQLEnumType):
            return f"{self._global(leaf_types.enum_names(leaf_type, is_nullable=is_nullable))}[{source}]"
        coerce = self._global(leaf_types.build_output_coercer(leaf_type, is_nullable=is_nullable))
        if leaf_type.name in _NEEDS_COERCION:
            self._add_line(depth, f"if {_NEEDS_COERCION[leaf_type.name].format(source)}: {source} = {coerce}({source})")
            return source
        if leaf_type.name in leaf_types.TOTAL_SCALARS:
            expected = self._global(leaf_types.TOTAL_SCALARS[leaf_type.name])
            direct = self._global(leaf_type.coerce_output_value)
            return f"({direct}({source}) if {source}.__class__ is {expected} else {coerce}({source}))"
        return f"{coerce}({source})"

    def _add_guard(self, condition: str, depth: int) -> None:
        self._add_line(depth, f"if not {condition}: raise ProjectionError")

    def _add_line(self, depth: int, text: str) -> None:
        self._lines.append(" " * depth + text)

    def _new_name(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers)}"

    def _global(self, value: object) -> str:
        """Make a Python object available to the function and return its name there."""
        name = self._new_name("global")
        self._globals[name] = value
        return name


def _key(response_name: str) -> str:
    if not (response_name.isascii() and response_name.isidentifier()):
        raise ValueError(response_name)
    return repr(response_name)
