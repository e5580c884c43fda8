"""Receipts and the verification of files."""
