"""Writes the notes of each part: melody, bass, comping, drums, inner voices, harmony."""
