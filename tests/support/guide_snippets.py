"""The fenced blocks of a guide, and what it takes to do them as a reader would: shell variables, GraphQL, answers."""

import json
import os
import re
import string
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

_FENCE: Final = re.compile(r"^```([a-z]*) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LITERAL: Final = re.compile(r"[a-z_]+|[A-Z_]+|\w+Payload|\w+Error|[^/]+\.")
"""Texts that stand for themselves: members of enumerations, names of types, sentences."""

_REFUSAL: Final = re.compile(r'"success": ?false|^{"(data":null,")?errors"')

RUNNABLE_LANGUAGES: Final = frozenset({"bash", "python", "graphql", "json", "js"})


@dataclass(frozen=True, slots=True)
class Snippet:
    """A block: its language, the words behind it, its text, its line in the guide."""

    language: str
    info: str
    text: str
    line: int


def load_snippets(guide: Path) -> list[Snippet]:
    """All blocks in order."""
    text = guide.read_text()
    return [
        Snippet(found[1], found[2], found[3], text.count("\n", 0, found.start()) + 1) for found in _FENCE.finditer(text)
    ]


@dataclass
class GuideRunner:
    """Somebody who does what a guide says. ``variables`` are the shell's; what a block sets, later ones see."""

    url: str
    variables: dict[str, str]
    folder: Path
    answer: str = field(default="", init=False)
    count: int = field(default=0, init=False)

    def follow(self, snippets: Sequence[Snippet]) -> None:
        """Do every block. Raises AssertionError that names the line of the one that fails."""
        for number, snippet in enumerate(snippets):
            self.count += snippet.language in {"graphql", "bash", "python"}
            if snippet.language == "graphql":
                after = snippets[number + 1] if number + 1 < len(snippets) else None
                self._graphql(snippet, after.text if after and after.info == "variables" else "{}")
            elif snippet.language in {"bash", "python"}:
                self._program(snippet)
                after = snippets[number + 1] if number + 1 < len(snippets) else None
                # curl takes a refusal for an answer; a guide shows the refusals that it means
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
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"line {snippet.line}: {done.stdout}{done.stderr}"
        if snippet.language == "bash":
            told = dict(pair.split("=", 1) for pair in state.read_text().split("\0") if "=" in pair)
            self.variables |= {name: value for name, value in told.items() if name.isupper() and name != "PATH"}
        self.answer = done.stdout

    def _graphql(self, snippet: Snippet, variables: str) -> None:
        body = {"query": snippet.text, "variables": json.loads(string.Template(variables).substitute(self.variables))}
        is_stream = snippet.text.startswith("subscription")
        headers = {"X-API-Key": self.variables["KEY"], "Accept": "text/event-stream" if is_stream else "*/*"}
        answer = httpx.post(f"{self.url}/graphql", json=body, headers=headers, timeout=120)
        self.answer = _last_event(answer.text) if is_stream else answer.text
        told = json.loads(self.answer)
        assert "errors" not in told, f"line {snippet.line}: {told}"
        for name, _, path in (word.partition("=") for word in snippet.info.split()):
            self.variables[name] = str(_value_at(told["data"], path))


def assert_matches(told: Any, seen: Any, where: str) -> None:  # noqa: ANN401  JSON
    """Whether an answer has all that a guide shows: every key, the same kinds, the same truths."""
    if isinstance(told, dict):
        assert isinstance(seen, dict), f"{where}: {seen}"
        for key, value in told.items():
            assert key in seen, f"{where}: no {key} in {seen}"
            assert_matches(value, seen[key], f"{where}.{key}")
    elif isinstance(told, list):
        assert isinstance(seen, list), f"{where}: {seen}"
        assert bool(told) == bool(seen), f"{where}: {seen}"
        for value in told:
            assert any(_matches(value, one) for one in seen), f"{where}: {value} is not in {seen}"
    else:
        assert type(told) is type(seen) or {type(told), type(seen)} == {int, float}, f"{where}: {seen}"
        if told is None or isinstance(told, bool) or (isinstance(told, str) and _LITERAL.fullmatch(told)):
            assert told == seen, f"{where}: {seen}"
        elif isinstance(told, str) and re.match(r"[a-z]+_[0-9a-f]{12}", told):
            assert isinstance(seen, str)
            assert seen.startswith(told.partition("_")[0] + "_"), f"{where}: {seen}"


def _matches(told: Any, seen: Any) -> bool:  # noqa: ANN401  JSON
    try:
        assert_matches(told, seen, "")
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
