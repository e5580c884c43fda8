"""Lists with ``first`` and ``offset``, which are bounded without being connections."""

from core.errors import InvalidInput, Problem

_MAX_OFFSET = 2**31 - 1


def checked(first: int, offset: int, max_first: int) -> slice:
    """Return the slice of a list. Raise InvalidInput for an argument out of range."""
    problems = [
        Problem((name,), f"Must be 0 to {maximum}.")
        for name, value, maximum in (("first", first, max_first), ("offset", offset, _MAX_OFFSET))
        if not 0 <= value <= maximum
    ]
    if problems:
        raise InvalidInput(problems)
    return slice(offset, offset + first)
