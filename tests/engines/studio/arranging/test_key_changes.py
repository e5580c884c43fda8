from dataclasses import replace

from engines.port import RenderRequest
from engines.studio.arranging.arrangement import compose
from engines.studio.arranging.interpretation import interpret
from engines.studio.arranging.key_changes import LIFTS


def transpositions(prompt: str, seed: int) -> list[int]:
    request = interpret(RenderRequest(prompt, 60.0, seed)).effective
    request = replace(request, style=replace(request.style, lift=1.0, key_changes=()))
    return [section.transposition for section in compose(request, 60.0, seed).composition.sections]


def test_the_last_section_before_the_outro_is_lifted_and_the_outro_returns_home() -> None:
    for seed in range(4):
        *_, lifted, outro, ending = transpositions("pop", seed)
        assert lifted in LIFTS
        assert (outro, ending) == (0, 0)


def test_a_requested_key_and_a_static_loop_stay() -> None:
    assert set(transpositions("pop in D major", 1)) == {0}
    assert set(transpositions("pop, the same loop throughout, no variation", 1)) == {0}
