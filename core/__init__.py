"""Words everyone shares: errors, ids, job states, licences, settings. No I/O; standard library and pydantic only."""
