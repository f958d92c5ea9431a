"""The words and numbers of options, apart from the slow modules that use them.

A command declares its options with these, and loads those modules only when it runs, so `--help` and a wrong argument
are answered at once. tests/cli/test_words.py compares each with its original.
"""

from __future__ import annotations

ASSUME_RENEWAL = ("All", "None", "Autorenew")
NO_RENEWAL = "None"
CHARGE_TYPES = ("OneTime", "Usage", "Recurring")

PREVIEW_FORMATS = ("csv", "json", "soap", "table", "xlsx")
EXPLAINED = ("json", "table", "xlsx")
"""The formats that can show explanations."""
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
"""The value of `--since` besides instants."""
