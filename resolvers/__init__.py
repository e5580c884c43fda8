"""The use cases. Each call is one unit of work; knows neither GraphQL nor HTTP."""
