"""The jobs that workers run: generations, focus segments, conversions, exports."""
