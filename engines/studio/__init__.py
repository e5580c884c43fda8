"""The default engine: composition and synthesis of our own, without weights or samples."""
