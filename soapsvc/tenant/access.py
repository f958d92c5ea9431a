"""The accounts that a user may see: the one place through which the edges reach accounts.

An account of others is, for a user, one that is not there. It is left out before anything of it is loaded, so that the
answer takes as long as for an account that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import BindParameter, ColumnElement, exists

from soapsvc.engine.account import Account
from soapsvc.tenant.queries import Selection
from soapsvc.tenant.schema import ACCOUNTS
from soapsvc.tenant.store import Store
from soapsvc.tenant.users import User


def visible_accounts(store: Store, user: User, ids: Iterable[str], version: int | None = None) -> Iterator[Account]:
    """Those of the accounts with these ids that the user may see, as `Store.accounts_by_id` has them."""
    wanted = set(ids)
    if user.organizations:
        wanted = {each for each in wanted if _is_visible(store, user, each)}
    return (
        (account for account in store.accounts_by_id(wanted, version) if user.may_see(account)) if wanted else iter(())
    )


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


def _is_visible(store: Store, user: User, account_id: str) -> bool:
    one = Selection(organization_ids=user.organizations, first_id=account_id, last_id=account_id)
    return next(store.account_ids(one), None) is not None


def in_sight(user: User, account_id: ColumnElement[str], state: BindParameter[int]) -> ColumnElement[bool] | None:
    """Whether the user may see the account of a row, as that state has it; None for a user who may see all."""
    if not user.organizations:
        return None
    owner = ACCOUNTS.alias("owner")
    seen = owner.c.organization_id.in_(sorted(user.organizations))
    return exists().where(owner.c.id == account_id, owner.c.since <= state, owner.c.until > state, seen)
