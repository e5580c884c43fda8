"""Content policy: rules in a TOML file that refuse texts which contain a phrase or match a pattern."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

from core.errors import InvalidInput, Problem
from resolvers.access import policy_model
from resolvers.access.policy_folding import find_capitalized
from resolvers.access.policy_model import Features, Model
from resolvers.access.policy_names import Names
from resolvers.access.policy_phrases import Phrases, Positions, Words, compile_phrases
from resolvers.access.policy_text import Vocabulary

DEFAULT_PATH: Final = Path(__file__).with_suffix(".toml")

_NEEDED_WORDS: Final = ("title", "article", "particle", "surname", "suffix", "demonym_suffix", "common")
_NEEDED_NAMES: Final = ("artist", "band", "common_band", "mononym", "given")


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of content that is refused; ``reason`` is shown to the caller."""

    name: str
    reason: str
    phrases: Phrases
    patterns: Sequence[re.Pattern[str]]

    def is_broken_by(self, text: Positions) -> bool:
        """Return whether a phrase or a pattern matches anywhere in the normalized text."""
        if self.phrases.match(text):
            return True
        joined = " ".join(text.words) if self.patterns else ""
        return any(pattern.search(joined) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Rules that a model applies to texts which break no other rule, by category of the model."""

    model: Model
    threshold: float
    """Log odds above which a text is refused."""

    rules: Mapping[str, Rule]

    def find_broken_rule(self, rows: Collection[int]) -> Rule | None:
        """Return the rule of the likeliest category if its log odds exceed the threshold."""
        category, log_odds = self.model.find_category(rows, self.rules)
        return self.rules[category] if log_odds > self.threshold else None


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules in the order of the file."""

    rules: Sequence[Rule]
    replacements: Mapping[str, Phrases]
    """Phrases that are read as one word before the rules are applied, by that word."""

    vocabulary: Vocabulary
    names: Names
    features: Features
    estimate: Estimate | None

    def find_broken_rule(self, texts: Iterable[str | None]) -> Rule | None:
        """Return the first rule that any of the texts breaks."""
        read = [self.read(text) for text in texts if text]
        broken = next((rule for rule in self.rules if any(map(rule.is_broken_by, read))), None)
        if broken or self.estimate is None:
            return broken
        return next(filter(None, map(self.estimate.find_broken_rule, map(self.features.find, read))), None)

    def read(self, text: str) -> Positions:
        """Normalize a text."""
        read = Positions(self.vocabulary.read(text), find_capitalized(text), self.names)
        for replacement, phrases in self.replacements.items():
            words = phrases.replace(read, replacement)
            read = Positions(words, read.capitalized, self.names) if words is not read.words else read
        return read

    def check(self, texts: Mapping[str, str | None]) -> Sequence[Problem]:
        """Return a problem with the reason of its rule for each text, by field, that is refused."""
        broken = {field: self.find_broken_rule([text]) for field, text in texts.items()}
        return [Problem((field,), rule.reason) for field, rule in broken.items() if rule]

    def require(self, texts: Mapping[str, str | None]) -> None:
        """Raise InvalidInput if a text is refused: unlike generations, other resources have no such status."""
        if problems := self.check(texts):
            raise InvalidInput(problems)


def load(path: Path | None = None, *, has_model: bool = True) -> Policy:
    """Load the rules of a file, by default those shipped with the server, with or without the model.

    The shipped rules are read once in each process. Raises ValueError for an invalid file.
    """
    return _load(path, has_model=has_model) if path else _load_shipped(has_model=has_model)


@cache
def _load_shipped(*, has_model: bool) -> Policy:
    return _load(DEFAULT_PATH, has_model=has_model)


def _load(source: Path, *, has_model: bool) -> Policy:
    try:
        document = tomllib.loads(source.read_text(encoding="utf-8"))
        words = _classes(document.get("words", {}), _NEEDED_WORDS)
        proper = _classes(document.get("names", {}), _NEEDED_NAMES)
        classes = {**words, **proper}
        rules = [_rule(entry, classes) for entry in document.get("rule", []) if entry.get("enabled", True)]
        read_as = document.get("read_as", {}).items()
        replacements = {f"<{name}>": compile_phrases(phrases, classes) for name, phrases in read_as}
        estimate = _estimate(document.get("model", {}), rules) if has_model else None
    except (OSError, ValueError, re.error, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the policy file {source} cannot be used ({type(error).__name__}: {error})") from error
    used = list(
        chain.from_iterable(found.classes for found in [*(rule.phrases for rule in rules), *replacements.values()])
    )
    names = Names(words, proper, used)
    compounds = frozenset(word for group in classes.values() for word in group if " " in word)
    vocabulary = Vocabulary(frozenset().union(names.known, *used), names.ordinary, names.known, compounds)
    return Policy(rules, replacements, vocabulary, names, Features(words, proper), estimate)


def _estimate(entry: Mapping[str, Any], rules: Iterable[Rule]) -> Estimate | None:
    if not entry.get("enabled", False):
        return None
    by_category = {rule.name: replace(rule, name=f"{rule.name} (model)") for rule in rules}
    return Estimate(policy_model.load(), float(entry["threshold"]), by_category)


def _classes(table: Mapping[str, str], needed: Iterable[str]) -> Words:
    return dict.fromkeys(needed, frozenset()) | {name: frozenset(_split(text)) for name, text in table.items()}


def _split(words: str) -> Iterable[str]:
    if ";" not in words:
        return words.split()
    # a semicolon after the last entry is no entry
    entries = list(filter(None, map(" ".join, map(str.split, words.split(";")))))
    # "it s my life" is also "it's my life" and "its my life"
    return [*entries, *(entry.replace(" s ", end) for entry in entries if " s " in entry for end in (" 's ", "s "))]


def _rule(entry: Mapping[str, Any], words: Words) -> Rule:
    phrases, patterns = entry.get("phrases", []), entry.get("patterns", [])
    if not isinstance(phrases, list) or not isinstance(patterns, list):
        raise TypeError("phrases and patterns must be lists")
    if not phrases and not patterns:
        raise KeyError("phrases or patterns")
    return Rule(
        name=str(entry["name"]),
        reason=str(entry["reason"]),
        phrases=compile_phrases(phrases, words),
        patterns=[re.compile(pattern) for pattern in patterns],
    )
