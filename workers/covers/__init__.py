"""Cover art: a picture for each track, computed from its music. The same music gives the same picture."""
