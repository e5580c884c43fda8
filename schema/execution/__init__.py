"""A compiled executor for GraphQL: a document that comes again is run by a plan made for it; it knows no type of ours.

graphql-core walks document, schema and values anew for each field of each answer. Most fields are plain attributes of
the object they hang on, and which ones is written in the document. So a document that was parsed and validated once is
kept (``documents``), and compiled when it comes again (``compiler``) into a plan (``plans``):

- what a selection takes from attributes becomes one generated function (``projections``), which makes the whole part of
  the answer at once, or raises when anything is not as usual: a null where none may be, a value of another type;
- every other field keeps its resolver (``calls``), and is run (``runs``) as the specification says, in the order and by
  the tasks that graphql-core would use: the same errors at the same places, loaders that batch as they did. What a
  projection gave up is done again here, field by field; attributes may be read twice, resolvers never are.

What a plan does not cover is known before anything ran, and goes to graphql-core's own executor: mutations,
introspection, directives on operations, very large documents. ``CompiledSchema`` does all of it behind
``strawberry.Schema.execute``; ``PlannedExecutor`` does it behind graphql-core's hook, for events of subscriptions and
for operations on sockets. Both answer what the stock executor answers, to the byte; tests/schema/execution compares.
"""

from schema.execution.document_cache import Document, Documents
from schema.execution.execute import run
from schema.execution.executors import PlannedExecutor
from schema.execution.plans import Plan, Through
from schema.execution.schemas import CompiledSchema, Policy

__all__ = ["CompiledSchema", "Document", "Documents", "Plan", "PlannedExecutor", "Policy", "Through", "run"]
