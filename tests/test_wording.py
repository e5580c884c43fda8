"""Check documentation, docstrings, comments, help and schema texts against the habits that the style guide rules out.

`./studio lint` runs this module.
"""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from core.settings import PROJECT

HABITS: Final = re.compile(
    r"\b(tells?|telling|told|hears?|heard|asks|asked|asking|whoever|somebody|nobody|anybody|anew|of late|so many"
    r"|by itself|goes on|who asks for|stands (?!for\b|at\b))\b",
    re.IGNORECASE,
)
ALLOWED: Final = {
    "``asked``": "a field of the request report in the GraphQL schema",
    "asked: String!": "the same field",
    "{ asked given }": "the same field",
    "{each.asked}": "the same field",
    "by itself, by themselves": "words of a prompt",
    "nobody has changed a byte of it": "the verdict of a verified file, an example in the OpenAPI document",
    '"Nobody Home"': "a title for tracks",
    '"Letter to Nobody"': "a title for tracks",
}
"""Phrases that contain a listed word, and why each stays."""

FOLDERS: Final = ("core", "engines", "storage", "resolvers", "schema", "rest_compat", "workers", "server", "docs")
FRONT: Final = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "studio", "pyproject.toml")


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line number and text of each piece of prose: docstrings, comments and sentences in string literals."""
    if path.suffix != ".py" and path.name != "studio":
        yield from enumerate(path.read_text().splitlines(), 1)
        return
    with io.StringIO(path.read_text()) as source:
        for token in tokenize.generate_tokens(source.readline):
            if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and " " in token.string):
                yield from enumerate(token.string.splitlines(), token.start[0])


def files() -> list[Path]:
    suffixes = {".py", ".md", ".graphql"}
    found = [path for folder in FOLDERS for path in (PROJECT / folder).rglob("*") if path.suffix in suffixes]
    return sorted(found) + [PROJECT / name for name in FRONT]


def test_texts_use_none_of_the_habits() -> None:
    hits = [
        f"{path.relative_to(PROJECT)}:{number}: {match[0]}: {line.strip()}"
        for path in files()
        for number, line in prose(path)
        for match in HABITS.finditer(line)
        if not any(phrase in line for phrase in ALLOWED)
    ]
    assert not hits, "\n".join(hits)


@pytest.mark.parametrize("text", ["# what a client is told", '"""Whoever asks for it."""', "x = 'nobody hears it'"])
def test_a_habit_is_found_in_comments_docstrings_and_literals(tmp_path: Path, text: str) -> None:
    (tmp_path / "module.py").write_text(text + "\n")
    assert any(HABITS.search(line) for _, line in prose(tmp_path / "module.py"))
