"""Run the fenced blocks of a guide: shell, Python, GraphQL, and the JSON that they return."""

import json
import os
import re
import string
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from core.network import tls

_FENCE: Final = re.compile(r"^( *)```([a-z]*) ?([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
"""A fenced block, also one in a list item, whose lines are indented."""

_LITERAL: Final = re.compile(r"[a-z_]+|[A-Z_]+|\w+Payload|\w+Error|[^/]+\.")
"""Strings that must be equal: members of enumerations, names of types, sentences."""

_REFUSAL: Final = re.compile(r'"success": ?false|^{"(data":null,")?errors"')

RUNNABLE_LANGUAGES: Final = frozenset({"bash", "python", "graphql", "json", "js"})


@dataclass(frozen=True, slots=True)
class Snippet:
    """A block: language, rest of the info string, text, line in the guide."""

    language: str
    info: str
    text: str
    line: int


def load_snippets(guide: Path) -> list[Snippet]:
    """Return all blocks in order."""
    text = guide.read_text()
    return [
        Snippet(found[2], found[3], textwrap.dedent(found[4]), text.count("\n", 0, found.start()) + 1)
        for found in _FENCE.finditer(text)
    ]


@dataclass
class GuideRunner:
    """Runs the blocks of a guide. ``variables`` are shell variables, which later blocks inherit."""

    url: str
    variables: dict[str, str]
    folder: Path
    answer: str = field(default="", init=False)
    count: int = field(default=0, init=False)

    def follow(self, snippets: Sequence[Snippet]) -> None:
        """Run every block. Raises AssertionError with the line of the block that fails."""
        for number, snippet in enumerate(snippets):
            self.count += snippet.language in {"graphql", "bash", "python"}
            if snippet.language == "graphql":
                after = snippets[number + 1] if number + 1 < len(snippets) else None
                self._graphql(snippet, after.text if after and after.info == "variables" else "{}")
            elif snippet.language in {"bash", "python"}:
                self._program(snippet)
                after = snippets[number + 1] if number + 1 < len(snippets) else None
                # curl exits with 0 on an error response; a guide shows the error responses that it expects
                assert (after and after.language == "json") or not _REFUSAL.search(self.answer), self.answer
            elif snippet.language == "json" and not snippet.info:
                assert_matches(json.loads(snippet.text), json.loads(self.answer), f"line {snippet.line}")

    def _program(self, snippet: Snippet) -> None:
        script = self.folder / f"line-{snippet.line}"
        script.write_text(snippet.text)
        state = self.folder / "variables"
        command = (
            ["bash", "-c", f'set -euo pipefail -o allexport; . "{script}"; env -0 > "{state}"']
            if snippet.language == "bash"
            else [sys.executable, str(script)]
        )
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(  # noqa: S603  our own guide
            command,
            cwd=self.folder,
            env={**os.environ, "PATH": path, "NO_PROXY": "127.0.0.1", **self.variables},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"line {snippet.line}: {done.stdout}{done.stderr}"
        if snippet.language == "bash":
            exported = dict(pair.split("=", 1) for pair in state.read_text().split("\0") if "=" in pair)
            self.variables |= {name: value for name, value in exported.items() if name.isupper() and name != "PATH"}
        self.answer = done.stdout

    def _graphql(self, snippet: Snippet, variables: str) -> None:
        body = {"query": snippet.text, "variables": json.loads(string.Template(variables).substitute(self.variables))}
        is_stream = snippet.text.startswith("subscription")
        headers = {"X-API-Key": self.variables["KEY"], "Accept": "text/event-stream" if is_stream else "*/*"}
        answer = httpx.post(
            f"{self.url}/graphql", json=body, headers=headers, timeout=300, verify=tls.default_context()
        )
        self.answer = _last_event(answer.text) if is_stream else answer.text
        response = json.loads(self.answer)
        assert "errors" not in response, f"line {snippet.line}: {response}"
        for name, _, path in (word.partition("=") for word in snippet.info.split()):
            self.variables[name] = str(_value_at(response["data"], path))


def assert_matches(expected: Any, actual: Any, where: str) -> None:  # noqa: ANN401  JSON
    """Assert that a response has the keys, types and literal values that a guide shows."""
    if isinstance(expected, dict):
        assert isinstance(actual, dict), f"{where}: {actual}"
        for key, value in expected.items():
            assert key in actual, f"{where}: no {key} in {actual}"
            assert_matches(value, actual[key], f"{where}.{key}")
    elif isinstance(expected, list):
        assert isinstance(actual, list), f"{where}: {actual}"
        assert bool(expected) == bool(actual), f"{where}: {actual}"
        for value in expected:
            assert any(_matches(value, one) for one in actual), f"{where}: {value} is not in {actual}"
    else:
        assert type(expected) is type(actual) or {type(expected), type(actual)} == {int, float}, f"{where}: {actual}"
        if (
            expected is None
            or isinstance(expected, bool)
            or (isinstance(expected, str) and _LITERAL.fullmatch(expected))
        ):
            assert expected == actual, f"{where}: {actual}"
        elif isinstance(expected, str) and re.match(r"[a-z]+_[0-9a-f]{12}", expected):
            assert isinstance(actual, str)
            assert actual.startswith(expected.partition("_")[0] + "_"), f"{where}: {actual}"


def _matches(expected: Any, actual: Any) -> bool:  # noqa: ANN401  JSON
    try:
        assert_matches(expected, actual, "")
    except AssertionError:
        return False
    return True


def _last_event(text: str) -> str:
    events = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: {")]
    assert events, text
    return events[-1]


def _value_at(data: Any, path: str) -> Any:  # noqa: ANN401  JSON
    for name in path.split("."):
        data = data[name]
    return data
