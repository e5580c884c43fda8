"""Measures the finished master and reports the result."""
