"""Music theory: pitch, metre, voicing, arpeggios and related keys."""
