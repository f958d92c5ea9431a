"""A stand-in that serves from threads of the test process: real HTTP on a free port, ready at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from pathlib import Path
from types import TracebackType
from typing import Any

from soapsvc.runs.execution import take_store_back
from soapsvc.server.listening import http
from soapsvc.server.listening.exchange import Exchange, Pace, Watch
from soapsvc.server.wsgi import Options, application
from soapsvc.soap.app import ENDPOINTS
from soapsvc.standin import (
    SEED,
    Parity,
    Settings,
    SignIn,
    instant_of,
    started,
)
from soapsvc.standin.seeds.documents import encoded
from soapsvc.testing.powers import Clock, Faults, Instant, Requests

_THREADS = 32
_FIRST_VERSION = "61.0"


class Server:
    """A stand-in. `with Server() as server:` starts and stops it; so do `start` and `stop`.

    `tenant` is a tenant directory, or the URL of an SQLite database; None is the demo tenant, with the user
    `demo@example.com`, password `demo`, and the OAuth client `demo`, secret `demo`. The server works on a copy of it.
    `as_of` freezes the clock there; ids are drawn from `seed`. `sign_in` is `strict` or `lax` (any name and secret; by
    default where the tenant has no users), `limits` is `vendor` or `none`.

    Raises soapsvc.tenant.ImportRefused where the tenant cannot be read.
    """

    def __init__(
        self,
        tenant: str | Path | None = None,
        *,
        as_of: Instant | None = None,
        seed: str = SEED,
        sign_in: str | None = None,
        limits: str = "vendor",
        port: int = 0,
    ) -> None:
        self._port = port
        self._stop: Callable[[], None] | None = None
        self._is_over = False
        instant = None if as_of is None else _instant(as_of)
        strictness = SignIn(sign_in) if sign_in is not None else None
        settings = Settings(instant, seed, None, strictness, Parity(limits))
        database = tenant if isinstance(tenant, str) and "://" in tenant else None
        folder = Path(tenant) if tenant is not None and database is None else None
        self._stand_in = started(folder, database, settings)
        options = Options(stand_in=self._stand_in, run_workers=0)
        self._application = application(self._stand_in.store, options)
        self.clock = Clock(self._stand_in)
        """The clock of the whole stand-in."""
        self.faults = Faults(self._stand_in.powers["faults"])
        """The fault rules."""
        self.requests = Requests(self._stand_in, self._stand_in.powers["journal"])
        """The calls since the last reset."""

    @property
    def wsgi(self) -> Callable[..., Any]:
        """The same service as a WSGI application, for test clients that need no socket."""
        return self._application

    @property
    def url(self) -> str:
        """The address, `http://127.0.0.1:PORT`. Raises RuntimeError if the server is not started."""
        if self._stop is None:
            raise RuntimeError("the server is not started: use it in a with statement, or call start()")
        return f"http://127.0.0.1:{self._port}"

    def endpoint(self, version: str = _FIRST_VERSION) -> str:
        """The SOAP endpoint of a version of the contract."""
        return f"{self.url}{ENDPOINTS}{version}"

    def wsdl(self, version: str = _FIRST_VERSION) -> str:
        """The address of the WSDL of a version."""
        return f"{self.endpoint(version)}?wsdl"

    @property
    def admin(self) -> str:
        """The address of the admin plane, for calls over HTTP."""
        return f"{self.url}/_admin"

    def put_account(self, number: str, account: Mapping[str, Any] | None = None, **fields: Any) -> str:
        """Create or replace an account, in the short form or as v1 JSON (docs/test/state.md); returns its id.

        `server.put_account("A-1", currency="EUR", subscriptions=[{"plan": "Gold", "price": 10}])`. Raises Refused.
        """
        self._stand_in.put_account(number, _plain({**(account or {}), **fields}))
        return str(self._stand_in.store.account_id(number))

    def delete_account(self, number: str) -> None:
        """Delete an account with all its records. Raises Refused for an unknown account."""
        self._stand_in.delete_account(number)

    def seed(self, tenant: str | Path | Mapping[str, Any] | bytes) -> None:
        """Replace the seed by another tenant: a tenant directory, a zip of one (bytes), or its JSON. Raises Refused."""
        if isinstance(tenant, Mapping):
            self._stand_in.load_seed(encoded(tenant))
        elif isinstance(tenant, bytes):
            self._stand_in.load_seed(tenant)
        else:
            self._stand_in.load_folder(Path(tenant))

    def reset(self, *, first: bool = False) -> None:
        """Return to the seed, or to the seed of the start: tenant, clock, faults, requests, ids."""
        self._stand_in.reset(first=first)

    def bill(self, target_date: Instant | None = None, accounts: Sequence[str] | None = None) -> dict[str, Any]:
        """Bill what a preview up to a day (by default the clock's) shows, for all accounts or those with these numbers.

        Returns the run, with its invoices and credit memos, as docs/test/bill-runs.md has it. Raises Refused.
        """
        given: dict[str, Any] = {}
        if target_date is not None:
            given["targetDate"] = _plain(target_date)
        if accounts is not None:
            given["accountNumbers"] = list(accounts)
        run: dict[str, Any] = self._stand_in.powers["bill_runs"].run(given)
        return run

    def state(self) -> bytes:
        """The whole state as one file."""
        return self._stand_in.state()

    def load_state(self, state: bytes) -> None:
        """Replace the state by one that `state` returned. Raises Refused."""
        self._stand_in.load_state(state)

    def start(self) -> Server:
        """Serve, from threads of this process.

        Raises OSError if the port is taken, and RuntimeError if the server is running already or was stopped.
        """
        if self._stop is not None:
            raise RuntimeError(f"the server is already started, at {self.url}")
        if self._is_over:
            raise RuntimeError("the server was stopped and its data are gone: make another one")
        pace = Pace()
        try:
            listener = http.listening("127.0.0.1", self._port, pace.seconds)
        except OSError:
            self.stop()
            raise
        self._port = listener.getsockname()[1]
        watch = Watch(pace, _THREADS, lambda: None)  # not started: a test may take any time
        self._stop = http.begin(listener, Exchange(self._application, watch), _THREADS).stop
        return self

    def stop(self) -> None:
        """Stop serving, and remove everything that the server created."""
        self._is_over = True
        if self._stop is not None:
            stop, self._stop = self._stop, None
            with self._stand_in.turns.alone():
                """Calls that a fault delays end here."""
            stop()
        take_store_back(self._stand_in.store)
        self._stand_in.copy.close()

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self.stop()


def _instant(as_of: Instant) -> Any:
    """An instant before there is a tenant with a time zone: in UTC if it has no offset."""
    return instant_of(as_of if isinstance(as_of, str) else as_of.isoformat(), UTC, "as_of")


def _plain(value: Any) -> Any:
    """The value in JSON's types: dates become texts."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
