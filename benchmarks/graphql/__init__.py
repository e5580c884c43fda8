"""Cost of executing GraphQL documents with Strawberry's executor and with compiled plans."""
