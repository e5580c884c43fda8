"""What the operator does not allow: rules as data, asked before a job is accepted."""

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
    """One thing that is refused, and what the caller is told."""

    name: str
    reason: str
    patterns: Sequence[re.Pattern[str]]
    keeps_case: bool

    def is_broken_by(self, text: str) -> bool:
        """Whether the text, made plain, shows any of the patterns."""
        seen = plain(text) if self.keeps_case else plain(text).casefold()
        return any(pattern.search(seen) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules, in the order of their file."""

    rules: Sequence[Rule]

    def find_broken_rule(self, texts: Iterable[str | None]) -> Rule | None:
        """The first rule that any of the texts breaks."""
        shown = [text for text in texts if text]
        return next((rule for rule in self.rules if any(map(rule.is_broken_by, shown))), None)


def load(path: Path | None = None) -> Policy:
    """The rules of a file, or the shipped ones. Raises ValueError with what is wrong with the file."""
    source = path or DEFAULT_PATH
    try:
        entries = tomllib.loads(source.read_text(encoding="utf-8")).get("rule", [])
        return Policy([_rule(entry) for entry in entries])
    except (OSError, tomllib.TOMLDecodeError, re.error, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the policy file {source} cannot be used ({type(error).__name__}: {error})") from error


def plain(text: str) -> str:
    """Without accents, with single spaces: what the patterns see."""
    apart = unicodedata.normalize("NFKD", text)
    return " ".join("".join(character for character in apart if not unicodedata.combining(character)).split())


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
