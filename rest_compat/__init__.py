"""The REST interface of the frozen contract: parses requests, calls the resolvers and renders their results."""
