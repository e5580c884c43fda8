"""Time and memory of exporting and importing a large library."""
