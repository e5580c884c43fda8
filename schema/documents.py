"""Documents by their text, parsed once: who counts what a document costs hands it on to who executes it."""

from collections import OrderedDict
from typing import Final

from graphql import DocumentNode, parse

_MOST: Final = 512
_LONGEST: Final = 16_384
"""Characters of a text that is kept; the rare longer one is parsed each time."""

_kept: OrderedDict[tuple[str, int], DocumentNode] = OrderedDict()


def parsed(text: str, max_tokens: int) -> DocumentNode:
    """The document of this text. Raises GraphQLError, RecursionError."""
    document = known(text, max_tokens) or parse(text, max_tokens=max_tokens)
    if len(text) <= _LONGEST:
        _kept[text, max_tokens] = document
        if len(_kept) > _MOST:
            _kept.popitem(last=False)
    return document


def known(text: str, max_tokens: int) -> DocumentNode | None:
    """The document, if it was parsed lately."""
    document = _kept.get((text, max_tokens))
    if document is not None:
        _kept.move_to_end((text, max_tokens))
    return document
