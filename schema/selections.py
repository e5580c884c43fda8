"""What is asked of a field's objects, known before the field is resolved: what hangs on them may be read along."""

from collections.abc import Iterable, Mapping

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, SelectionNode

from schema.context import Info


def has(info: Info, name: str) -> bool:
    """Whether a field of this name may be asked for, whatever ``@skip`` and ``@include`` say."""
    # Strawberry's own view of it makes an object of every selection: ten times slower
    raw = info._raw_info  # noqa: SLF001
    return any(
        _has(node.selection_set.selections, name, raw.fragments) for node in raw.field_nodes if node.selection_set
    )


def _has(selections: Iterable[SelectionNode], name: str, fragments: Mapping[str, FragmentDefinitionNode]) -> bool:
    for node in selections:
        match node:
            case FieldNode():
                if node.name.value == name:
                    return True
            case InlineFragmentNode():
                if _has(node.selection_set.selections, name, fragments):
                    return True
            case FragmentSpreadNode():
                if _has(fragments[node.name.value].selection_set.selections, name, fragments):
                    return True
    return False
