"""Maintenance of the blob store: orphaned blobs, copies between stores, checks."""
