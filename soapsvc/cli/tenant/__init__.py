"""Commands over the tenant of a database: `soapsvc import`, `backup`, `users`, and `accounts`, which searches."""
