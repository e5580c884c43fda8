"""Audio effects. They process consecutive blocks of equal size and keep their state between blocks."""
