"""Replace one account of the stand-in's tenant with all its records, or delete it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from soapsvc.clock import Clock
from soapsvc.standin.problems import Conflict, NotThere, Refused, nearest
from soapsvc.standin.seeds.documents import encoded
from soapsvc.standin.seeds.minimal import Kinds, expanded
from soapsvc.standin.seeds.names import account_names
from soapsvc.tenant import ImportRefused, Store, import_tenant
from soapsvc.tenant.reading import Document, ImportProblem, derived_id


def put_account(store: Store, number: str, given: Document, clock: Clock, folder: Path) -> bool:
    """Replace the account with its subscriptions, usage and drafts by the given ones; True if the account is new.

    `folder` is empty, and free to be used. Raises Refused.
    """
    kinds = expanded(given, number, today_of(store, clock))
    known = store.account_id(number)
    if known is not None:
        _keep_id(kinds, number, known)
    _write(folder, number, kinds)
    _import(store, folder, clock, [] if known is None else [known])
    return known is None


def _keep_id(kinds: Kinds, number: str, known: str) -> None:
    """An account that is put again keeps its id; with another id it would be another account."""
    account = kinds["accounts"][0]
    place = account["basicInfo"] if isinstance(account.get("basicInfo"), dict) else account
    given = place.get("id") or account.get("accountId")
    if given not in {None, known}:
        raise Conflict(f"account {number} has the id {known}, not {given}; delete it first", field="id")
    place["id"] = known


def _write(folder: Path, number: str, kinds: Kinds) -> None:
    # The file's name contains the account, so usage of an earlier file of that name is removed.
    name = f"account-{derived_id('file', number)}.json"
    for kind, records in kinds.items():
        if records:
            (folder / kind).mkdir()
            (folder / kind / name).write_bytes(encoded(records))


def delete_account(store: Store, number: str, clock: Clock, folder: Path) -> None:
    """Delete an account with all its records. Raises NotThere."""
    known = store.account_id(number)
    if known is None:
        near = nearest(number, account_names(store))
        hint = f"; did you mean {near}?" if near is not None else ""
        raise NotThere(f"there is no account {number}{hint}", field="number", near=near)
    _import(store, folder, clock, [known])


def _import(store: Store, folder: Path, clock: Clock, whole: Iterable[str]) -> None:
    try:
        import_tenant(store, folder, clock=clock, whole=list(whole))
    except ImportRefused as refused:
        raise import_refusal(refused, alone=True) from refused


def import_refusal(refused: ImportRefused, *, alone: bool = False) -> Refused:
    """All problems of a refused import, with places in the body instead of file names.

    `alone`: the body is that of one account.
    """
    found = [(_place(problem, alone), problem.reason) for problem in refused.problems]
    message = "; ".join(": ".join(filter(None, each)) for each in found) + ("; and more" if refused.more else "")
    return Refused(message, field=found[0][0])


def _place(problem: ImportProblem, alone: bool) -> str:
    folder = problem.file.partition("/")[0]
    if alone and folder == "accounts":
        return f"account{problem.where.removeprefix('[0]')}"
    joint = "" if problem.where.startswith("[") or not problem.where else ": "
    return f"{folder if joint == '' else problem.file}{joint}{problem.where}"


def today_of(store: Store, clock: Clock) -> date:
    """The day in the tenant's zone."""
    return clock().astimezone(store.settings().zone).date()
