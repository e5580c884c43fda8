"""The jobs of workers: generations, focus segments, conversions, exports."""
