"""Lists with ``first`` and ``offset``, which are bounded without being connections."""

from core.errors import InvalidInput, Problem
from schema.relay.connections import MAX_FIRST

_MAX_OFFSET = 2**31 - 1


def checked(first: int | None, offset: int | None, max_first: int) -> slice:
    """Return the slice of a list; null has the default of its argument. Raise InvalidInput for one out of range."""
    first, offset = MAX_FIRST if first is None else first, offset or 0
    problems = [
        Problem((name,), f"Must be 0 to {maximum}.")
        for name, value, maximum in (("first", first, max_first), ("offset", offset, _MAX_OFFSET))
        if not 0 <= value <= maximum
    ]
    if problems:
        raise InvalidInput(problems)
    return slice(offset, offset + first)
