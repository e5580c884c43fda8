import pytest

from core.licence import BY_FREEDOM, Licence, LicenceClass, of_derived_work

CLEARED, ENTERPRISE, PERSONAL, UNCLEAR = BY_FREEDOM


def test_every_class_has_a_place() -> None:
    assert set(BY_FREEDOM) == set(LicenceClass)
    assert len(BY_FREEDOM) == len(LicenceClass)


@pytest.mark.parametrize(
    ("made", "source", "expected"),
    [
        (CLEARED, CLEARED, (CLEARED, "engine")),
        (CLEARED, PERSONAL, (PERSONAL, "source")),
        (PERSONAL, CLEARED, (PERSONAL, "engine")),
        (CLEARED, UNCLEAR, (UNCLEAR, "source")),
        (UNCLEAR, PERSONAL, (UNCLEAR, "engine")),
        (CLEARED, ENTERPRISE, (ENTERPRISE, "source")),
    ],
)
def test_the_more_restrictive_class_decides(
    made: LicenceClass, source: LicenceClass, expected: tuple[LicenceClass, str]
) -> None:
    derived = of_derived_work(
        Licence(made, "engine", requires_attribution=False), Licence(source, "source", requires_attribution=False)
    )
    assert (derived.licence_class, derived.version) == expected
    assert derived.commercial_use is (expected[0] in {CLEARED, ENTERPRISE})


def test_both_attributions_remain() -> None:
    made = Licence(CLEARED, "1", requires_attribution=False, attribution="")
    source = Licence(CLEARED, "2", requires_attribution=True, attribution="Ada")
    assert of_derived_work(made, source) == Licence(CLEARED, "1", requires_attribution=True, attribution="Ada")
    other = Licence(CLEARED, "1", requires_attribution=True, attribution="ACE")
    assert of_derived_work(other, source).attribution == "ACE; Ada"
    assert of_derived_work(source, source).attribution == "Ada"
