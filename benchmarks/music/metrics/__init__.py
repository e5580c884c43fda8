"""Metrics of recordings and scores, one module a subject."""
