"""Benchmarks of engines at peers."""
