"""Examples and training of the model of the content policy."""

from benchmarks.policy import training
from benchmarks.policy.examples import Example, expand_templates
from resolvers.access import content_policy
from resolvers.access.policy_model import ORDINARY

CATEGORIES = [ORDINARY, "hate", "violence"]


def test_a_trained_model_separates_its_examples() -> None:
    policy = content_policy.load(has_model=False)
    examples = [
        Example(text, category, "test")
        for category, texts in {
            ORDINARY: ["calm piano and rain", "fast techno for running", "a waltz about the sea"],
            "hate": ["they are vermin, march", "they are parasites, folk"],
            "violence": ["i will stab you, drill", "i will burn your house"],
        }.items()
        for text in texts
    ]
    matrix = training.make_matrix(policy.features, [policy.read(example.text) for example in examples])
    model = training.train(matrix, examples, CATEGORIES)
    for example in examples:
        category, log_odds = model.find_category(policy.features.find(policy.read(example.text)), CATEGORIES[1:])
        assert (category if log_odds > 0 else ORDINARY) == example.category


def test_templates_are_expanded_without_placeholders_and_the_same_each_time() -> None:
    examples = list(expand_templates())
    assert examples == list(expand_templates())
    assert not [example for example in examples if "{" in example.text]
    assert {"hate", ORDINARY} < {example.category for example in examples}
