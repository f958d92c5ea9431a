"""The accounts that a user may see, with their documents. The edges read both only through this module.

For a user, an account of others does not exist. It is left out before any of its data is loaded, so the answer takes as
long as for an account that does not exist. The rights on an account hold for all its records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import BindParameter, ColumnElement, exists, true

from soapsvc.engine.account import Account
from soapsvc.tenant.store.documents import AccountDocument, Documents, SubscriptionDocument
from soapsvc.tenant.store.store import Store
from soapsvc.tenant.tables import ACCOUNTS, Selection, alive
from soapsvc.tenant.users import User


def visible_accounts(store: Store, user: User, ids: Iterable[str], version: int | None = None) -> Iterator[Account]:
    """The accounts with these ids that the user may see, in the order of `Store.accounts_by_id`."""
    wanted = set(ids)
    if user.organizations:
        wanted = {each for each in wanted if _is_visible(store, user, each)}
    return filter(user.may_see, store.accounts_by_id(wanted, version)) if wanted else iter(())


def visible_account(
    store: Store,
    user: User,
    *,
    id: str | None = None,  # noqa: A002 - as the store calls it
    number: str | None = None,
) -> Account | None:
    """The account with this id, number, or both, where the user may see it."""
    if user.organizations and number is not None:
        found = store.account_id(number)
        if found is None or id not in {None, found}:
            return None
        id, number = found, None  # noqa: A001
    if id is not None and number is None:
        return next(visible_accounts(store, user, [id]), None)
    return store.account(id=id, number=number)


@dataclass(frozen=True, slots=True)
class VisibleDocuments:
    """The documents of one state that a user may see, each unchanged.

    Records of an account are read with the account's document, which only this class returns.
    """

    all: Documents
    user: User

    def account(self, key: str) -> AccountDocument | None:
        """The account with this id or, where there is none, with this number."""
        return self.all.account("id", key, self._belongs()) or self.all.account("number", key, self._belongs())

    def subscription(self, key: str) -> SubscriptionDocument | None:
        """The version of a subscription with this id or, where there is none, the newest one with this number."""
        found = self.all.subscription("id", key, self._belongs())
        return found or self.all.subscription("number", key, self._belongs())

    def _belongs(self) -> ColumnElement[bool]:
        """Whether an account is in one of the user's organizations; a user without organizations sees all."""
        return ACCOUNTS.c.organization_id.in_(sorted(self.user.organizations)) if self.user.organizations else true()


@contextmanager
def visible_documents(store: Store, user: User) -> Iterator[VisibleDocuments]:
    """The documents of the tenant's current state, for as long as the context lasts."""
    state = store.version()
    with store.reading() as connection:
        yield VisibleDocuments(Documents(connection, state), user)


def _is_visible(store: Store, user: User, account_id: str) -> bool:
    one = Selection(organization_ids=user.organizations, first_id=account_id, last_id=account_id)
    return next(store.account_ids(one), None) is not None


def in_sight(user: User, account_id: ColumnElement[str], state: BindParameter[int]) -> ColumnElement[bool] | None:
    """The condition that the user may see the account of a row in that state; None for a user who may see all."""
    if not user.organizations:
        return None
    owner = ACCOUNTS.alias("owner")
    seen = owner.c.organization_id.in_(sorted(user.organizations))
    return exists().where(owner.c.id == account_id, alive(owner, state), seen)
