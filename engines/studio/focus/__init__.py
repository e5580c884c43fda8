"""Plans the segments of a focus session and joins them."""
