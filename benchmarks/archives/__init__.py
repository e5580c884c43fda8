"""How much memory and time it takes to export a large library, and to import it."""
