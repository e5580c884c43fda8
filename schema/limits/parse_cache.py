"""Documents by their text, parsed once: who counts what a document costs hands it on to who executes it."""

from collections import OrderedDict
from typing import Final

from graphql import DocumentNode, parse

_MOST_CHARACTERS: Final = 200_000
"""Of all texts that are kept; what is made of a text takes a few hundred times as much memory."""


class _ParseCache:
    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], DocumentNode] = OrderedDict()
        self._characters = 0

    def find(self, text: str, max_tokens: int) -> DocumentNode | None:
        document = self._kept.get((text, max_tokens))
        if document is not None:
            self._kept.move_to_end((text, max_tokens))
        return document

    def put(self, text: str, max_tokens: int, document: DocumentNode) -> None:
        self._kept[text, max_tokens] = document
        self._characters += len(text)
        while self._characters > _MOST_CHARACTERS:
            (oldest, _), _ = self._kept.popitem(last=False)
            self._characters -= len(oldest)


_shelf: Final = _ParseCache()


def get_or_parse(text: str, max_tokens: int) -> DocumentNode:
    """The document of this text. Raises GraphQLError, RecursionError."""
    document = _shelf.find(text, max_tokens)
    if document is None:
        document = parse(text, max_tokens=max_tokens)
        _shelf.put(text, max_tokens, document)
    return document


def find(text: str, max_tokens: int) -> DocumentNode | None:
    """The document, if it was parsed lately."""
    return _shelf.find(text, max_tokens)
