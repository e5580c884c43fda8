"""Ed25519 signatures and the key files that they use."""
