"""Near misses: mistyped names in a refused call. This module looks up accounts, the edges the rest."""

from __future__ import annotations

from soapsvc.standin.faults.calls import Described, Environ, NearMiss, Wire
from soapsvc.standin.problems import nearest
from soapsvc.standin.seeds.names import account_names
from soapsvc.tenant import Store


def near_misses(store: Store, wire: Wire, environ: Environ, body: bytes, call: Described) -> list[NearMiss]:
    """The likely typing errors in a refused call."""
    return [*_accounts(store, call), *wire.near_misses(environ, body, call)]


def _accounts(store: Store, call: Described) -> list[NearMiss]:
    if not call.accounts:
        return []
    known = account_names(store)
    names = set(known)
    found = []
    for said in sorted(call.accounts - names):
        if store.account_id(said) is None and store.account(id=said) is None:
            near = nearest(said, known)
            hint = f"there is no account {said}" + (f"; did you mean {near}?" if near is not None else "")
            found.append(NearMiss("account", said, hint, near))
    return found
