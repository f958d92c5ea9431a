"""The demo tenant, and the users that it is served with."""

from __future__ import annotations

from soapsvc.clock import system_clock
from soapsvc.resources import fixtures_dir
from soapsvc.standin.seeds.copies import PrivateCopy, from_folder, private_copy
from soapsvc.tenant import Store, UserEntry, users

SDK_CLIENT = "dec0de00-0000-4000-8000-000000000036"
"""The vendor's SDKs take client ids of 36 characters only."""

DEMO_USERS = (
    UserEntry("demo@example.com", "demo", client_id="demo", client_secret="demo"),  # noqa: S106 - known to all
    # A hash that no password has: this user is there for the OAuth client alone.
    UserEntry("sdk@example.com", password_hash="!", client_id=SDK_CLIENT, client_secret="demo"),  # noqa: S106
)


def demo_copy() -> PrivateCopy:
    """A private copy of the demo tenant, with its users."""

    def fill(store: Store) -> None:
        from_folder(fixtures_dir(), system_clock)(store)
        with store.begin() as connection:
            for user in users.quickly_hashed(connection, DEMO_USERS):
                users.put_user(connection, user)

    return private_copy(fill)
