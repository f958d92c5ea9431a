"""The tables of the tenant store.

Next to each imported document (kept as it came) are the columns that are queried and `blob`, the record decoded into
the engine's model and packed (`packing`). Only types and constraints that SQLite and PostgreSQL share are used.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table

from soapsvc.tenant.database import text

METADATA = MetaData()

STATE = Table(
    "state",
    METADATA,
    Column("name", text(40), primary_key=True),
    Column("number", BigInteger, nullable=False, default=0),
)
"""Numbers by name: `version` is that of the tenant's state, which every import raises."""

STATES = Table(
    "states",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("imported", BigInteger),
    Column("settings", LargeBinary),
)
"""The states of the tenant: the time of the import, in seconds since 1970, and tenant.toml without its users.

The time is NULL for a state imported by an early release.
"""

SINCE, UNTIL = "since", "until"
FOREVER = 2**62
"""`until` of rows that no import has ended."""


def _terms() -> Column[bytes | None]:
    """The terms (`terms`) of a row, packed; they are needed to find a record by its values."""
    return Column("terms", LargeBinary)


def _life() -> tuple[Column[int], Column[int]]:
    """The states that have a row: from `since` on, before `until`."""
    return (
        Column(SINCE, BigInteger, primary_key=True, autoincrement=False),
        Column(UNTIL, BigInteger, nullable=False),
    )


ACCOUNTS = Table(
    "accounts",
    METADATA,
    Column("id", text(255), primary_key=True),
    Column("number", text(255), nullable=False),
    Column("batch", text(255), nullable=False),
    Column("status", text(40), nullable=False),
    Column("organization_id", text(255), nullable=False),
    Column("organization_name", text(255), nullable=False),
    Column("name_key", text(255), nullable=False),
    Column("currency", text(40), nullable=False),
    Column("blob", LargeBinary, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("source", text(1024), nullable=False),
    _terms(),
    *_life(),
    Index("accounts_number", "number"),
    Index("accounts_batch", "batch", "id"),
    Index("accounts_name", "name_key"),
    *(Index(f"accounts_by_{name}", name, "number") for name in ("batch", "currency", "status", "organization_id")),
)
"""`name_key` is the form of a name for searches."""


def name_key(name: str) -> str:
    """A name in the form for searches: without case, one space between words, no longer than its column."""
    return " ".join(name.casefold().split())[:255]


SUBSCRIPTIONS = Table(
    "subscriptions",
    METADATA,
    Column("key", text(270), primary_key=True),
    Column("id", text(255), nullable=False),
    Column("number", text(255), nullable=False),
    Column("version", Integer, nullable=False),
    Column("account_id", text(255), nullable=False),
    Column("owner_id", text(255), nullable=False),
    Column("is_latest", Integer, nullable=False),
    Column("charges", Integer, nullable=False),
    Column("updated", text(19), nullable=False),
    Column("blob", LargeBinary, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("source", text(1024), nullable=False),
    _terms(),
    *_life(),
    Index("subscriptions_id", "id"),
    Index("subscriptions_number", "number"),
    Index("subscriptions_account", "account_id", "updated"),
    Index("subscriptions_owner", "owner_id", "updated"),
)
"""One row per number and version, `is_latest` 1 for the billed version; `owner_id` is the invoiced account.

`updated` is the time of its last change in its document, `YYYY-MM-DD HH:MM:SS`; empty where the document has none.
"""

USAGE = Table(
    "usage",
    METADATA,
    Column("key", text(1400), primary_key=True),
    Column("account_id", text(255), nullable=False),
    Column("start_date", text(10), nullable=False),
    Column("started", text(26), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("blob", LargeBinary, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("source", text(1024), nullable=False),
    _terms(),
    *_life(),
    Index("usage_account", "account_id", "started"),
    Index("usage_source", "source"),
)
"""`account_id` is the account of the usage, which may differ from the invoiced account.

`started` is the instant of the start, `YYYY-MM-DD HH:MM:SS` by the tenant's clock, and `start_date` its date.
"""

PRODUCTS = Table(
    "products",
    METADATA,
    Column("id", text(255), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("source", text(1024), nullable=False),
    _terms(),
    *_life(),
    Index("products_place", "source", "position"),
)
"""The products of the catalogue as they came, with their rate plans and charges."""

CATALOG = Table(
    "catalog",
    METADATA,
    Column("key", text(270), primary_key=True),
    Column("id", text(255), nullable=False),
    Column("currency", text(10), nullable=False),
    Column("blob", LargeBinary, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("source", text(1024), nullable=False),
    *_life(),
)
"""One row per product rate plan charge and currency of its pricing; `currency` empty where it has no pricing."""

DRAFTS = Table(
    "drafts",
    METADATA,
    Column("id", text(255), primary_key=True),
    Column("account_id", text(255), nullable=False),
    Column("type", text(20)),
    Column("blob", LargeBinary, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("source", text(1024), nullable=False),
    _terms(),
    *_life(),
    Index("drafts_account", "account_id"),
)
"""Billing documents, drafts and others; `type` is `invoice` or `creditMemo`. Only drafts have items in their `blob`."""

RECORDS = (ACCOUNTS, SUBSCRIPTIONS, USAGE, PRODUCTS, CATALOG, DRAFTS)
"""The tables of imported records; each row has its states, so a reader of one state never sees a row of another."""

TABLE_NAMES = {
    ACCOUNTS: "accounts",
    SUBSCRIPTIONS: "subscriptions",
    USAGE: "usage records",
    PRODUCTS: "products",
    CATALOG: "catalogue prices",
    DRAFTS: "drafts",
}
"""The name of a table's records in messages."""

POSTINGS = Table(
    "postings",
    METADATA,
    Column("term", BigInteger, primary_key=True, autoincrement=False),
    Column("key", text(1400), primary_key=True),
    Column("since", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""The occurrences of each term (`terms`): key and `since` of a row of records. Deleted rows have none."""

LOCATORS = Table(
    "locators",
    METADATA,
    Column("id", text(64), primary_key=True),
    Column("username", text(255), nullable=False),
    Column("state", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("locators_expires", "expires"),
)
"""The positions of queries of several pages: the user, the state of the tenant, the expiry (seconds since 1970)."""

USERS = Table(
    "users",
    METADATA,
    Column("username", text(255), primary_key=True),
    Column("password_hash", text(255), nullable=False),
    Column("name", text(255), nullable=False),
    Column("email", text(255), nullable=False),
    Column("organizations", LargeBinary, nullable=False),
    Column("client_id", text(255), unique=True),
    Column("client_secret_hash", text(255)),
    Column("by_hand", Integer, nullable=False, server_default="0"),
)
"""`by_hand` is 1 for a user that was not made by a tenant.toml: an import does not change it."""

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("token_hash", text(64), primary_key=True),
    Column("username", text(255), nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("sessions_expires", "expires"),
    Index("sessions_username", "username"),
)
"""A session is known by the SHA-256 of its token; `expires` is in seconds since 1970."""

GUESSES = Table(
    "guesses",
    METADATA,
    Column("key", text(64), primary_key=True),
    Column("wrong", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Index("guesses_last", "last"),
)
"""Wrong guesses at secrets, by the SHA-256 of name, address or both; `due` is the time of the last one's answer.

Instants are milliseconds since 1970.
"""
