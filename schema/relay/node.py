"""The Node interface: everything with an id of its own can be fetched by it alone."""

import strawberry


@strawberry.interface(description="Anything that has an id of its own.")
class Node:
    """See the Relay object identification specification."""

    id: strawberry.ID = strawberry.field(description="Globally unique id; its prefix tells the kind.")
