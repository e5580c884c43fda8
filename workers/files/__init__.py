"""Audio files: encoding, storage, HLS chunks."""
