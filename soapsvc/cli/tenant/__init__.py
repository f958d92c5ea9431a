"""Commands over the tenant of a database: `soapsvc import`, `backup`, `users`, and `accounts`, which searches.

Their work is in `importing`, `user_changes` and `listing`; `backup` is one module.
"""
