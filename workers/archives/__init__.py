"""Archives of what a user has: written from an installation, read into another one. See docs/operations/archives.md."""
