"""Focus sessions."""
