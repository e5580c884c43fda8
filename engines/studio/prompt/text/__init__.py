"""Splits a prompt into words, numbers, symbols and breaks, in any script."""
