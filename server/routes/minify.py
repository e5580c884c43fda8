"""Minify JavaScript modules and style sheets: remove comments and white space that has no meaning.

Names stay as they are, except those of private members, and so do line breaks where JavaScript could end a statement.
The JavaScript is assumed to be valid and formatted, with a semicolon after each statement and without empty statements;
a regular expression never follows a closing parenthesis.
"""

import re
from collections.abc import Iterator
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<space>(?:\s|//[^\n]*|/\*.*?\*/)+)
    | (?P<word>[\w$\#]+)
    | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    | (?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_REGULAR_EXPRESSION: Final = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/\w*")
_TEMPLATE_PART: Final = re.compile(r"(?:\\.|\$(?!\{)|[^`\\$])*(?:`|\$\{)", re.DOTALL)
_OPERAND_START: Final = frozenset("(,=:[!&|?{};+-*%~^<>")
"""Signs after which a slash begins a regular expression; after others it divides."""
_KEYWORDS: Final = frozenset(
    (
        "await",
        "case",
        "delete",
        "do",
        "else",
        "in",
        "instanceof",
        "new",
        "of",
        "return",
        "throw",
        "typeof",
        "void",
        "yield",
    )
)
"""Words after which a slash begins a regular expression."""
_NO_BREAK_AFTER: Final = frozenset("{([,;:?=>&|")
_NO_BREAK_BEFORE: Final = frozenset(")]},.:?=&|")

_STYLE: Final = re.compile(
    r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    | (?:\s|/\*.*?\*/)*([{},>]|;(?:(?:\s|/\*.*?\*/)*\})?)(?:\s|/\*.*?\*/)*
    | (:)\s+
    | ((?:\s|/\*.*?\*/)+)""",
    re.VERBOSE | re.DOTALL,
)


def minify_script(source: str) -> str:
    """Minify a JavaScript module. The text of templates stays, except that of GraphQL documents (``gql``)."""
    parts: list[str] = []
    private_names: dict[str, str] = {}
    gap = last = ""
    for text in _tokens(source):
        if text.isspace():
            gap = text
            continue
        if parts and _is_needed(gap, last, text):
            parts.append(gap)
        elif text == "}" and last == ";":
            parts.pop()
        is_private = text.startswith("#")
        parts.append(private_names.setdefault(text, f"#_{len(private_names):x}") if is_private else text)
        gap, last = "", text
    return "".join(parts)


def minify_style(source: str) -> str:
    """Minify a style sheet."""

    def replace(match: re.Match[str]) -> str:
        string, sign, colon, _ = match.groups()
        if sign:
            return "}" if sign.endswith("}") else str(sign)
        return str(string or colon or " ")

    return _STYLE.sub(replace, source).strip()


def _is_needed(gap: str, last: str, token: str) -> bool:
    """Return whether white space between two tokens has a meaning."""
    before, after = last[-1], token[0]
    if gap == "\n":
        return before not in _NO_BREAK_AFTER and after not in _NO_BREAK_BEFORE
    is_number = last[0].isdigit() and after == "."
    is_merged = before == after and after in "+-/"
    return bool(gap) and (is_number or is_merged or (_is_word(before) and _is_word(after)))


def _is_word(character: str) -> bool:
    return character.isalnum() or character in "_$#"


def _tokens(source: str) -> Iterator[str]:
    """Split a module. White space and comments become a line break if they contain one, else a space."""
    position, last = 0, ""
    braces: list[int] = []  # open braces in each template's expression
    queries: list[bool] = []  # whether each of these templates is a GraphQL document
    while match := _TOKEN.match(source, position):
        text = match.group()
        if match.lastgroup == "space":
            position = match.end()
            yield "\n" if "\n" in text else " "
            continue
        if text == "`":
            queries.append(last == "gql")
            braces.append(0)
        if text == "`" or (text == "}" and braces and not braces[-1]):
            part = _matched(_TEMPLATE_PART, source, match.end())
            text += _minify_query(part) if queries[-1] else part
            position = match.end() + len(part)
            if part.endswith("`"):
                queries.pop()
                braces.pop()
        elif text == "/" and (last in _KEYWORDS or not last or last[-1] in _OPERAND_START):
            text = _matched(_REGULAR_EXPRESSION, source, match.start())
            position += len(text)
        else:
            position = match.end()
            if text in "{}" and braces:
                braces[-1] += 1 if text == "{" else -1
        last = text
        yield text


def _matched(pattern: re.Pattern[str], source: str, position: int) -> str:
    match = pattern.match(source, position)
    if match is None:
        raise ValueError(f"The script cannot be read at character {position}: {source[position : position + 40]!r}.")
    return match.group()


def _minify_query(text: str) -> str:
    """Minify a part of a GraphQL document, unless it contains a string or a comment."""
    if '"' in text or "#" in text:
        return text
    return re.sub(r"\s*([{}():!,]|\.\.\.|\$\{)\s*|\s+", lambda match: match.group(1) or " ", text)
