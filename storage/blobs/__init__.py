"""Blob storage behind one port: immutable files, named by the hash of their content."""
