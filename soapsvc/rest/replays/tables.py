"""The tables in which the REST edge stores answers; migrations of the tenant store create them.

`lease` is in milliseconds since 1970, `expires` in seconds. `status` is NULL until there is an answer; `headers` is
JSON and `body` compressed. A large answer has no `body`: it is in `pieces` rows of its own table. While there is no
answer, only `owner` may store one, until `lease`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table

from soapsvc.tenant.database import text

METADATA = MetaData()

IDEMPOTENCY_KEYS = Table(
    "idempotency_keys",
    METADATA,
    Column("id", text(64), primary_key=True),
    Column("fingerprint", text(64), nullable=False),
    Column("owner", text(32), nullable=False),
    Column("lease", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("status", Integer),
    Column("headers", LargeBinary),
    Column("body", LargeBinary),
    Column("pieces", Integer),
    Index("idempotency_keys_expires", "expires"),
)
"""`id` is the SHA-256 of user and key, `fingerprint` that of the request that the key belongs to."""

ASYNC_REQUESTS = Table(
    "async_requests",
    METADATA,
    Column("id", text(32), primary_key=True),
    Column("username", text(255), nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("owner", text(32), nullable=False),
    Column("lease", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("status", Integer),
    Column("headers", LargeBinary),
    Column("body", LargeBinary),
    Column("pieces", Integer),
    Index("async_requests_expires", "expires"),
)
"""`request` is the call as JSON, for a process that takes it over."""

ANSWER_PIECES = Table(
    "answer_pieces",
    METADATA,
    Column("answer", text(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("expires", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("answer_pieces_expires", "expires"),
)
"""Parts of large answers, each compressed; `answer` is the `owner` of the row that the answer belongs to.

They are an answer once that row has their number. The pieces of a killed owner belong to no answer.
"""
