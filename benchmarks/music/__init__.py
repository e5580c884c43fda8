"""The proof of the music engines: renders prompts through the Engine port and measures what a listener would get."""
