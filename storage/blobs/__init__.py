"""Blob back-ends behind one port: files named by the hash of their content, written once, never changed."""
