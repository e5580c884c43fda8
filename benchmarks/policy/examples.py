"""Examples of the model of the content policy: the prompts of its test, and sentences with placeholders."""

import random
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

from core.settings import PROJECT
from resolvers.access.content_policy import DEFAULT_PATH, Policy
from resolvers.access.policy_model import ORDINARY

HERE: Final = Path(__file__).parent
PROMPTS: Final = PROJECT / "tests" / "resolvers" / "access"
ENGINE: Final = PROJECT / "engines" / "studio"
VOCABULARY_TABLES: Final = ("instruments", "moods", "scenes", "styles", "forms")
MAX_VOCABULARY_WORDS: Final = 5
SEED: Final = 17
EXPANSIONS: Final = {"requests.txt": 3, "ordinary.txt": 4}
"""Examples that are made of a line with placeholders."""

COMBINED: Final = ("{hate_", "{against_")
COMBINED_EXPANSIONS: Final = 25
"""Examples that are made of a line whose words have many combinations."""

LOWER_CASE: Final = {"artist": 4, "band": 4, "given": 10}
"""Of how many names of a class one is written in lower case as well."""

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_TEXT: Final = re.compile(r'\btext = "([^"]+)"')
_CODE: Final = re.compile(r"\\u([0-9a-f]{4})")


@dataclass(frozen=True, slots=True)
class Example:
    """A text with its category and the set, such as a section of a file, that it belongs to."""

    text: str
    category: str
    section: str


def read_examples(policy: Policy) -> Sequence[Example]:
    """Return all examples; requests in a section without a category have that of the rule which refuses them."""
    names = {rule.name for rule in policy.rules}
    examples = [
        Example(text, ORDINARY, section)
        for file in ("policy_ordinary.txt", "policy_allowed.txt")
        for section, text in read_sections(PROMPTS / file)
    ]
    examples += [
        Example(text, ORDINARY, "music benchmark")
        for path in sorted((PROJECT / "benchmarks" / "music").glob("*.toml"))
        for text in _TEXT.findall(path.read_text(encoding="utf-8"))
    ]
    examples += combine_vocabulary()
    for file in ("policy_refused.txt", "policy_refused_by_rule.txt"):
        for section, text in read_sections(PROMPTS / file):
            rule = policy.find_broken_rule([text])
            category = section.split()[0] if section.split()[0] in names else rule.name if rule else None
            if category:
                examples.append(Example(text, category, section))
    return [*examples, *expand_templates()]


def read_sections(path: Path) -> Iterable[tuple[str, str]]:
    """Return the lines of a file with the heading that each is listed under; code points are escaped."""
    heading = "prompts"
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            heading = line.removeprefix("# ")
        elif line:
            yield heading, _CODE.sub(lambda code: chr(int(code[1], 16)), line)


def combine_vocabulary() -> Iterable[Example]:
    """Join words of the music engine for instruments, moods, styles and scenes to prompts of each language."""
    # reproducible examples, no secret
    choose = random.Random(SEED)  # noqa: S311
    for path in sorted(ENGINE.glob("languages/*.toml")):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        words = list(chain.from_iterable(_flatten(document.get(name, {})) for name in VOCABULARY_TABLES))
        choose.shuffle(words)
        for at in range(0, len(words), MAX_VOCABULARY_WORDS):
            count = choose.randint(1, MAX_VOCABULARY_WORDS)
            yield Example(", ".join(words[at : at + count]), ORDINARY, "vocabulary")


def _flatten(table: Any) -> Iterable[str]:  # noqa: ANN401  TOML
    if isinstance(table, str):
        return [table]
    return chain.from_iterable(map(_flatten, table.values() if isinstance(table, dict) else table))


def expand_templates() -> Iterable[Example]:
    """Replace the placeholders of each line by words of words.toml or of a class of the policy file."""
    words = _read_words()
    # reproducible examples, no secret
    choose = random.Random(SEED)  # noqa: S311
    for file, count in EXPANSIONS.items():
        for section, line in read_sections(HERE / file):
            category = ORDINARY if file == "ordinary.txt" else section
            texts = {_fill(line, words, choose) for _ in range(_repeats(line, count))}
            yield from (Example(text, category, "templates") for text in sorted(texts))


def _repeats(line: str, count: int) -> int:
    if any(key in line for key in COMBINED):
        return COMBINED_EXPANSIONS
    return count if "{" in line else 1


def _fill(line: str, words: Mapping[str, Sequence[str]], choose: random.Random) -> str:
    while found := _PLACEHOLDER.search(line):
        line = f"{line[: found.start()]}{choose.choice(words[found[1]])}{line[found.end() :]}"
    return line


def _read_words() -> Mapping[str, Sequence[str]]:
    table: dict[str, str] = tomllib.loads((HERE / "words.toml").read_text(encoding="utf-8"))["words"]
    policy = tomllib.loads(DEFAULT_PATH.read_text(encoding="utf-8"))
    words = {name: _split(text) for name, text in table.items()}
    for name in ("artist", "band", "given"):
        # names are sometimes written in lower case
        entries = _split(policy["names"][name])
        words[name] = [*map(_capitalize, entries), *entries[:: LOWER_CASE[name]]]
    songs = [_capitalize(title) for name in ("famous", "title_phrase") for title in _split(policy["names"][name])]
    words["song"] = [*songs, *words["title"] * (len(songs) // len(words["title"]) // 2)]
    words["film"] = list(map(_capitalize, _split(policy["words"]["film"])))
    words["person"] = [f"{given} {family}" for given in words["given"] for family in words["family"]]
    return words


def _split(text: str) -> list[str]:
    parts = text.split(";") if ";" in text else text.split()
    return [entry for part in parts if (entry := " ".join(part.split()))]


def _capitalize(entry: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in entry.split())
