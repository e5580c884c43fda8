"""An execution that is cancelled leaves no coroutine that was never awaited; pytest reports such coroutines."""

import asyncio
import gc
from contextlib import suppress
from typing import Final

import pytest
from graphql import parse

from schema.execution import CachedDocument
from tests.support.graphql import misbehaving_schema
from tests.support.graphql.misbehaving_schema import ScriptedContext

SCHEMA: Final = misbehaving_schema.build_schema(is_compiled=True)
DOCUMENT: Final = """
fragment B on Branch { later maybeLater named { name } branches { later } maybeBranches { later maybeLater } }
{ branch { ...B branches { ...B } } maybeBranch { ...B } }
"""


@pytest.mark.parametrize("steps", range(8))
async def test_fields_that_have_not_begun_are_closed_with_the_execution(steps: int) -> None:
    if SCHEMA.document_cache.find(DOCUMENT) is None:
        SCHEMA.document_cache.add(DOCUMENT, CachedDocument(SCHEMA, DOCUMENT, parse(DOCUMENT)))
    context = ScriptedContext({"later takes": 20})
    execution = asyncio.create_task(SCHEMA.execute(DOCUMENT, {}, context_value=context))
    for _ in range(steps):
        await asyncio.sleep(0)
    execution.cancel()
    with suppress(asyncio.CancelledError):
        await execution
    gc.collect()
    assert execution.cancelled()
