"""Response models: typed dicts that describe the responses, and the functions that build them from rows."""
