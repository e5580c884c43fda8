"""Small servers that do the same works as the doors do: as little as possible, or as others would write them."""
