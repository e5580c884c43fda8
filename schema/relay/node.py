"""The Node interface of the GraphQL global object identification specification."""

import strawberry


@strawberry.interface(description="An object with a globally unique ID.")
class Node:
    id: strawberry.ID = strawberry.field(description="The globally unique ID; its prefix identifies the type.")
