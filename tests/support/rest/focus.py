"""Focus sessions over REST."""

from tests.support.rest.client import Contract
from tests.support.users import Cast


def session_body(**changes: object) -> dict[str, object]:
    """Return a valid body of start-focus-session with changes."""
    return {"goal": "focus", "target_minutes": 60, **changes}


async def start_session(rest: Contract, cast: Cast, **changes: object) -> str:
    answer = await rest.call("start-focus-session", cast.ada, json=session_body(**changes))
    assert answer.status_code == 202, answer.text
    return str(answer.json()["session_id"])
