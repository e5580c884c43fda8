"""Performance, mixing and mastering of a composition."""
