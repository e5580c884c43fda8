"""Plain data that describes a request, a style and a composition."""
