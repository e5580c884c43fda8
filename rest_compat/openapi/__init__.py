"""The OpenAPI document of the REST interface, and its reference in Swagger UI."""
