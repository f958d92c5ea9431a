"""The positions at which queries of several pages continue, stored for every process, also after a restart.

A locator belongs to one user and one state of the tenant, which is kept as long as the locator. It can be used several
times: a client that got no answer repeats its call.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from soapsvc.tenant.tables import LOCATORS, OLDEST, read_number

LIFETIME = 15 * 60
"""Seconds for which an unused locator is kept ("ZOQL")."""


@dataclass(frozen=True, slots=True)
class Locator:
    """The position of a query: only its maker reads `content`."""

    id: str
    username: str
    state: int
    content: bytes


def put_locator(connection: Connection, locator: Locator, now: int) -> None:
    """Store a locator from `now` on (seconds since 1970), and delete expired ones."""
    columns = LOCATORS.c
    connection.execute(delete(LOCATORS).where((columns.expires <= now) | (columns.id == locator.id)))
    row = {name: getattr(locator, name) for name in ("id", "username", "state", "content")}
    connection.execute(insert(LOCATORS), [{**row, "expires": now + LIFETIME}])


def find_locator(connection: Connection, key: str, username: str, now: int) -> Locator | None:
    """The user's locator of that id, with its lifetime restarted; None if unknown, expired or of a deleted state."""
    columns = LOCATORS.c
    these = (columns.id == key) & (columns.username == username) & (columns.expires > now)
    row = connection.execute(select(LOCATORS).where(these)).one_or_none()
    if row is None or row.state < read_number(connection, OLDEST):
        return None
    connection.execute(update(LOCATORS).where(columns.id == key).values(expires=now + LIFETIME))
    return Locator(row.id, row.username, row.state, row.content)
