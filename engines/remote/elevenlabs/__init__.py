"""Adapter for ElevenLabs Music."""
