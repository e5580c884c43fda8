"""Signal processing: filters and loudness."""
