"""Where queries of several pages go on, kept so that any process can go on with them, and after a restart.

A locator is of one user and one state of the tenant, which is kept for as long. It can be used again: a client that got
no answer asks once more.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from soapsvc.tenant.tables import LOCATORS, OLDEST, read_number

LIFETIME = 15 * 60
"""Seconds for which a locator that nobody uses is kept ("ZOQL")."""


@dataclass(frozen=True, slots=True)
class Locator:
    """How a query goes on: `content` is what whoever made it understands."""

    id: str
    username: str
    state: int
    content: bytes


def put_locator(connection: Connection, locator: Locator, now: int) -> None:
    """Keep a locator from `now` on (seconds since 1970); those that are over go."""
    columns = LOCATORS.c
    connection.execute(delete(LOCATORS).where((columns.expires <= now) | (columns.id == locator.id)))
    row = {name: getattr(locator, name) for name in ("id", "username", "state", "content")}
    connection.execute(insert(LOCATORS), [{**row, "expires": now + LIFETIME}])


def find_locator(connection: Connection, key: str, username: str, now: int) -> Locator | None:
    """The user's locator of that id, kept anew; None where there is none that is not over, or its state is gone."""
    columns = LOCATORS.c
    these = (columns.id == key) & (columns.username == username) & (columns.expires > now)
    row = connection.execute(select(LOCATORS).where(these)).one_or_none()
    if row is None or row.state < read_number(connection, OLDEST):
        return None
    connection.execute(update(LOCATORS).where(columns.id == key).values(expires=now + LIFETIME))
    return Locator(row.id, row.username, row.state, row.content)
