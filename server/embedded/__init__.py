"""Real Postgres and real Valkey out of wheels, started, watched and stopped by us. Knows the standard library only.

`stack.Stack` is the door: `with Stack(folder) as stack:` gives `stack.database_url` and `stack.redis_url`.
"""
