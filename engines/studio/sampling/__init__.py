"""Sampled tones of instruments, from a SoundFont that the operator provides."""
