"""Focus sessions: plans their segments and prepares them for seamless crossfades."""
