"""Adapter for ComfyUI with a workflow of the operator."""
