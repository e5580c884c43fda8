from core.errors import Unavailable, first_refusal


def test_the_first_refusal_of_a_group_is_found_at_any_depth() -> None:
    refusal, other = Unavailable("gone"), ValueError("a bug")
    nested = ExceptionGroup("outer", [other, ExceptionGroup("inner", [refusal, Unavailable("later")])])
    assert first_refusal(nested) is refusal
    assert first_refusal(ExceptionGroup("bugs", [other])) is None
