"""Projections: what a plan takes from attributes, as one generated function; like a dataclass's, its text is made here.

No word of a client's gets into that text but the keys of the answer, and those only once they are seen to be names.
The function writes what is as usual and raises for all else, whatever that is: it has changed nothing by then.
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
from schema.execution.leaf_types import Unusual
from schema.execution.plans import Field, Project, Selection, Through

_DEEPEST: Final = 12
"""Lists and objects inside each other in one function; Python has a limit, too."""

_QUICK: Final = {
    "String": "{0}.__class__ is not str",
    "ID": "{0}.__class__ is not str",
    "Boolean": "{0}.__class__ is not bool",
    "Int": "{0}.__class__ is not int or not -2147483648 <= {0} <= 2147483647",
    "Float": "{0}.__class__ is not float or not -1e309 < {0} < 1e309",
}
"""When a value of these is not written as it is; for Float, infinity and what is no number, too."""


def is_plain(field: Field) -> bool:
    """Whether a field and all that is asked of it are attributes."""
    return _is_plain(field, 0)


def of_field(field: Field) -> Project:
    """Projects the value of a field whose selections are plain."""
    writer = _Writer()
    return writer.function(lambda: writer.value(field.kind, field, "given", 1))


def of_object(selection: Selection) -> Project:
    """Projects an object as far as it is plain; the fields that are not are None, in their places.

    The function is made when it is called first, and takes this one's place: many a selection is part of another's.
    """

    def project(given: Any) -> Any:  # noqa: ANN401
        writer = _Writer()
        selection.project = writer.function(lambda: writer.display(selection, "given", 1))
        return selection.project(given)

    return project


def _is_plain(field: Field, depth: int) -> bool:
    if field.is_typename:
        return True
    return field.attribute is not None and _is_plain_below(field, field.kind, depth)


def _is_plain_below(field: Field, kind: GraphQLOutputType, depth: int) -> bool:
    lists = 0
    while not is_leaf_type(kind):
        if is_abstract_type(kind) or depth + lists > _DEEPEST:
            return False
        if not (is_non_null_type(kind) or is_list_type(kind)):
            [selection] = field.selections.values()
            return all(_is_plain(inner, depth + lists + 1) for inner in selection.fields)
        lists += is_list_type(kind)
        kind = kind.of_type
    return True


def answers_plainly(field: Field) -> bool:
    """Whether all that is asked of a field's objects or items is attributes, however the value itself is found."""
    return not is_leaf_type(get_nullable_type(field.kind)) and _is_plain_below(field, field.kind, 0)


class _Writer:
    """Writes the lines of one function, and what their names stand for."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._names: dict[str, Any] = {"Unusual": Unusual}
        self._numbers = count()

    def function(self, body: Callable[[], str]) -> Project:
        """The function, its body written by ``body``, which tells the expression of its answer."""
        self._lines.append("def project(given):")
        self._line(1, f"return {body()}")
        # the text is ours: see the top of this module
        exec(compile("\n".join(self._lines), "<projection>", "exec"), self._names)  # noqa: S102
        project: Project = self._names["project"]
        return project

    def value(self, kind: GraphQLOutputType, field: Field, given: str, depth: int, *, is_nullable: bool = True) -> str:
        """The expression of a value of this type, after the lines that it needs."""
        if is_non_null_type(kind):
            return self.value(kind.of_type, field, given, depth, is_nullable=False)
        if is_leaf_type(kind):
            return self._leaf(kind, given, depth, is_nullable=is_nullable)
        answer = self._new("answer")
        if is_nullable:
            self._line(depth, f"{answer} = None")
            self._line(depth, f"if {given} is not None:")
            depth += 1
        if is_list_type(kind):
            self._list(kind.of_type, field, given, answer, depth)
        else:
            [selection] = field.selections.values()
            self._line(depth, f"{answer} = {self.display(selection, given, depth)}")
        return answer

    def display(self, selection: Selection, given: str, depth: int) -> str:
        """A dictionary's display, after the lines that its values need."""
        if selection.origin is not None:
            self._unless(f"{given}.__class__ is {self._name(selection.origin)}", depth)
        holders: dict[str, str] = {}
        pairs = [
            f"{_key(each.name)}: {self._field(each, selection, given, depth, holders)}" for each in selection.fields
        ]
        return f"{{{', '.join(pairs)}}}"

    def _field(self, field: Field, selection: Selection, given: str, depth: int, holders: dict[str, str]) -> str:
        if field.is_typename:
            return repr(selection.kind.name)
        if field in selection.dynamic:
            return "None"
        value = self._new("value")
        found = getattr(selection.origin, str(field.attribute), None)
        if isinstance(found, Through):
            self._line(depth, f"{value} = {self._holder(found, given, depth, holders)}.{found.name}")
        else:
            self._line(depth, f"{value} = {given}.{field.attribute}")
        return self.value(field.kind, field, value, depth)

    def _holder(self, through: Through, given: str, depth: int, holders: dict[str, str]) -> str:
        if through.holder not in holders:
            holders[through.holder] = self._new("held")
            self._line(depth, f"{holders[through.holder]} = {given}.{through.holder}")
        return holders[through.holder]

    def _list(self, kind: GraphQLOutputType, field: Field, given: str, answer: str, depth: int) -> None:
        item, append = self._new("item"), self._new("append")
        self._unless(f"{given}.__class__ is list", depth)
        self._line(depth, f"{answer} = []")
        self._line(depth, f"{append} = {answer}.append")
        self._line(depth, f"for {item} in {given}:")
        written = self.value(kind, field, item, depth + 1)
        self._line(depth + 1, f"{append}({written})")

    def _leaf(self, kind: GraphQLLeafType, given: str, depth: int, *, is_nullable: bool) -> str:
        if isinstance(kind, GraphQLEnumType):
            return f"{self._name(leaf_types.names(kind, is_nullable=is_nullable))}[{given}]"
        write = self._name(leaf_types.usual(kind, is_nullable=is_nullable))
        if kind.name in _QUICK:
            self._line(depth, f"if {_QUICK[kind.name].format(given)}: {given} = {write}({given})")
            return given
        if kind.name in leaf_types.TOLD:
            usual, quick = self._name(leaf_types.TOLD[kind.name]), self._name(kind.coerce_output_value)
            return f"({quick}({given}) if {given}.__class__ is {usual} else {write}({given}))"
        return f"{write}({given})"

    def _unless(self, condition: str, depth: int) -> None:
        self._line(depth, f"if not {condition}: raise Unusual")

    def _line(self, depth: int, text: str) -> None:
        self._lines.append(" " * depth + text)

    def _new(self, word: str) -> str:
        return f"{word}_{next(self._numbers)}"

    def _name(self, value: object) -> str:
        """A name by which the text finds a value of ours."""
        name = self._new("known")
        self._names[name] = value
        return name


def _key(name: str) -> str:
    if not (name.isascii() and name.isidentifier()):
        raise ValueError(name)
    return repr(name)


def split(fields: Sequence[Field]) -> tuple[Field, ...]:
    """The fields that a projection leaves out."""
    return tuple(field for field in fields if not is_plain(field))
