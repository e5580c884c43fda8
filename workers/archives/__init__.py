"""Archives of a user's library, exported from one installation and imported into another.

The format is described in docs/operations/archives.md.
"""
