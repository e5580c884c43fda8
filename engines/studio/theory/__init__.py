"""Music theory: pitch, metre, voicing, arpeggios, related keys. Knows nothing of sound."""
