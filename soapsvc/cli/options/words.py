"""The words and numbers of options whose meaning is in rooms that take long to load.

A command declares its options with these, and loads those rooms when it is carried out: `--help` and a wrong argument
are answered at once. tests/cli/test_words.py holds each to what it stands for.
"""

from __future__ import annotations

ASSUME_RENEWAL = ("All", "None", "Autorenew")
NO_RENEWAL = "None"
CHARGE_TYPES = ("OneTime", "Usage", "Recurring")

PREVIEW_FORMATS = ("csv", "json", "soap", "table", "xlsx")
EXPLAINED = ("json", "table", "xlsx")
"""The formats that have room for how an amount comes about."""
GROUPED_BY = ("invoice", "month", "subscription", "charge")

STORAGE = ("Csv", "Database", "Parquet")
HEADERS = ("Documented", "Connector")
LEASE_SECONDS = 30
PART_ACCOUNTS = 500
RETENTION_DAYS = 180

LOG_FORMS = ("text", "json")
LOG_LEVELS = ("debug", "info", "warning", "error")

OFFSETS = ("vendor", "convert", "as-written")
SIGN_IN = ("strict", "lax")
LIMITS = ("vendor", "none")
GRACE_SECONDS = 30.0
CONCURRENCY = 40
MOST_SESSION_MINUTES = 480

DATA_FROM = ("recorded", "tenant")
FETCHED_USAGE = ("pending", "all", "none")
LAST_FETCH = "last"
"""What `--since` takes beside instants."""
