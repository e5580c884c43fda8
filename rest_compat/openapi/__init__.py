"""The REST contract for machines and for readers: an OpenAPI document, and a page made from it. Knows no request."""
