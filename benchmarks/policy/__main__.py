"""``python -m benchmarks.policy``: compute the weights of the content policy's model, or measure it.

``train`` writes ``resolvers/access/policy_weights.gz``. ``validate`` trains without one set of examples at a time and
prints how many of its texts the rules refuse and how many the model refuses besides, for several thresholds.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from benchmarks.policy import training
from benchmarks.policy.examples import Example, read_examples
from benchmarks.policy.training import Matrix
from resolvers.access import content_policy, policy_model
from resolvers.access.content_policy import Policy
from resolvers.access.policy_model import ORDINARY

THRESHOLDS: Final = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
MIN_SET: Final = 150
"""Texts of the smallest set that is held out."""


def main(arguments: Sequence[str]) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.policy", description=__doc__)
    parser.add_argument("command", choices=("train", "validate"))
    parser.add_argument("--set", dest="sets", action="append", help="Beginning of the name of a set to hold out.")
    options = parser.parse_args(arguments)
    policy = content_policy.load(has_model=False)
    examples = read_examples(policy)
    categories = [ORDINARY, *sorted({example.category for example in examples} - {ORDINARY})]
    matrix = training.make_matrix(policy.features, [policy.read(example.text) for example in examples])
    if options.command == "train":
        policy_model.save(training.train(matrix, examples, categories))
        return
    for held_out, count in sorted(Counter(example.section for example in examples).items()):
        if held_out.startswith(tuple(options.sets)) if options.sets else count >= MIN_SET:
            sys.stdout.write("\n".join(_validate(policy, examples, matrix, categories, held_out)) + "\n")
            sys.stdout.flush()


def _validate(
    policy: Policy, examples: Sequence[Example], matrix: Matrix, categories: Sequence[str], held_out: str
) -> Iterable[str]:
    """Train without the set and return lines about how many of its texts are refused."""
    is_held_out = np.array([example.section == held_out for example in examples])
    known = [example for example, is_out in zip(examples, is_held_out, strict=True) if not is_out]
    model = training.train(matrix[~is_held_out], known, categories)
    tried = [example for example in examples if example.section == held_out]
    broken = np.array([policy.find_broken_rule([example.text]) is not None for example in tried])
    is_ordinary = np.array([example.category == ORDINARY for example in tried])
    odds = np.array([model.find_category(row.indices.tolist(), categories[1:])[1] for row in matrix[is_held_out]])
    for name, texts in (("requests", ~is_ordinary), ("ordinary prompts", is_ordinary)):
        if texts.any():
            alone = ", ".join(f"{(odds[texts] > value).sum()} at {value}" for value in THRESHOLDS)
            added = ", ".join(f"{((odds > value) & ~broken)[texts].sum()} at {value}" for value in THRESHOLDS)
            yield (
                f"{held_out}: {texts.sum()} {name}, refused by the rules {broken[texts].sum()}, "
                f"by the model {alone}; by the model but not the rules {added}"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
