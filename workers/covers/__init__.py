"""Cover art: one picture per track, drawn from its own music, the same for the same music. Knows no engine."""
