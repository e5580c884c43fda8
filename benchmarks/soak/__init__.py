"""A long run of mixed load on a whole installation."""
