"""Focus sessions of engines at a peer: plan segments, request them, and fit their audio to the session."""
