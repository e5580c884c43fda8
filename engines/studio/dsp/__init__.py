"""Signal processing: filters and loudness metering."""
