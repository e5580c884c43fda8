"""Backups of the database, the files and the keys of an installation, and their restore."""
