"""Configuration and protocols of uvicorn."""
