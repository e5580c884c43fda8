"""The OpenAPI document of the REST interface and its HTML reference."""
