"""Content policy: rules in a TOML file that refuse requests whose texts match a pattern."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEFAULT_PATH: Final = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of content that is refused; ``reason`` is shown to the caller."""

    name: str
    reason: str
    patterns: Sequence[re.Pattern[str]]
    keeps_case: bool

    def is_broken_by(self, text: str) -> bool:
        """Return whether a pattern matches anywhere in the normalized text."""
        normalized = normalize(text) if self.keeps_case else normalize(text).casefold()
        return any(pattern.search(normalized) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules in the order of the file."""

    rules: Sequence[Rule]

    def find_broken_rule(self, texts: Iterable[str | None]) -> Rule | None:
        """Return the first rule that any of the texts breaks."""
        present = [text for text in texts if text]
        return next((rule for rule in self.rules if any(map(rule.is_broken_by, present))), None)


def load(path: Path | None = None) -> Policy:
    """Load the rules of a file, by default those shipped with the server. Raises ValueError for an invalid file."""
    source = path or DEFAULT_PATH
    try:
        entries = tomllib.loads(source.read_text(encoding="utf-8")).get("rule", [])
        return Policy([_rule(entry) for entry in entries])
    except (OSError, tomllib.TOMLDecodeError, re.error, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the policy file {source} cannot be used ({type(error).__name__}: {error})") from error


def normalize(text: str) -> str:
    """Remove accents and collapse white space; patterns match the result."""
    decomposed = unicodedata.normalize("NFKD", text)
    return " ".join("".join(character for character in decomposed if not unicodedata.combining(character)).split())


def _rule(entry: dict[str, object]) -> Rule:
    patterns = entry["patterns"]
    if not isinstance(patterns, list):
        raise TypeError("patterns must be a list")
    return Rule(
        name=str(entry["name"]),
        reason=str(entry["reason"]),
        patterns=[re.compile(pattern) for pattern in patterns],
        keeps_case=entry.get("keeps_case", False) is True,
    )
