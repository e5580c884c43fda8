"""GraphQL: documents, schema and batches."""

from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveInt

from core.settings.values import Section


class DocumentSettings(Section):
    """Limits of one GraphQL document after its fragments are expanded."""

    max_depth: PositiveInt = 15
    """Deepest nesting of fields in a document."""
    max_aliases: PositiveInt = 50
    """Most aliased fields in a document."""
    max_root_fields: PositiveInt = 20
    """Most root fields in a document."""
    max_directives: PositiveInt = 50
    """Most directives in a document."""
    max_fragment_spreads: PositiveInt = 100
    """Most fragment spreads in a document."""
    max_width: PositiveInt = 200
    """Most fields in one selection set."""
    max_fields: PositiveInt = 1_000
    """Most fields in a document, regardless of page sizes."""
    max_definitions: PositiveInt = 100
    """Most operations and fragment definitions in a document."""
    max_characters: PositiveInt = 50_000
    """Longest document in characters."""
    max_tokens: PositiveInt = 2_000
    """Most lexical tokens in a document, comments included."""
    max_selections: PositiveInt = 1_000
    """Most fields and fragments in a document as it is written, unused fragments included."""
    max_arguments: PositiveInt = 200
    """Most arguments of fields and directives in a document."""
    max_input_fields: PositiveInt = 100
    """Most fields of input objects that are written in a document; use variables for more."""
    max_list_items: PositiveInt = 500
    """Most items of lists that are written in a document; use variables for more."""
    max_variables: PositiveInt = 100
    """Most variable definitions in a document."""
    max_merges: PositiveInt = 1_000
    """Most pairs of fields with the same response name, which validation compares."""
    max_variable_keys: PositiveInt = 1_000
    """Most variables and keys of objects in the variables of a request."""
    max_variable_list_items: PositiveInt = 10_000
    """Most list items in the variables of a request."""
    max_variable_depth: PositiveInt = 10
    """Deepest nesting of objects and lists in a variable."""
    max_cost: PositiveInt = 20_000
    """Most fields in a response, estimated from page sizes."""
    compiled: bool = True
    """Execute repeated documents with compiled plans; the responses are the same."""


class GraphQLSettings(Section):
    """The GraphQL API."""

    introspection: Literal["open", "scoped", "off"] = "open"
    """Who may read the schema and receives detailed validation errors: everyone (`open`), API keys with the scope
    `introspection` (`scoped`), or no one (`off`)."""
    fields_per_token: PositiveInt = 500
    """A request costs one token of its caller's rate limit, and one more for each this many fields."""
    trusted_documents: Literal["off", "prefer", "only"] = "off"
    """Accept documents of the manifest by their hash beside others (`prefer`), or accept nothing else (`only`)."""
    trusted_documents_file: Path | None = None
    """Manifest of trusted documents, in the JSON format of Apollo, Relay or graphql-codegen."""
    max_batch: int = Field(0, ge=0, le=100)
    """Operations in one batched request; 0 disables batching."""
