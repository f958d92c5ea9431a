"""A stand-in: a tenant of its own, its clock, and all other inputs of its answers.

Its answers depend on the seed, on the clock, and on earlier calls. The made-up ids of a call are derived from the seed,
the call itself, and the number of equal calls before, so they are the same in every run, also with parallel calls.
"""

from __future__ import annotations

import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

from soapsvc.clock import Clock, MovableClock, fixed_clock, system_clock
from soapsvc.randomness import Source, drawn_from, seeded
from soapsvc.standin.problems import Refused
from soapsvc.standin.seeds.accounts import delete_account, import_refusal, put_account, today_of
from soapsvc.standin.seeds.copies import PrivateCopy, copy_of_database, filled, from_folder, private_copy
from soapsvc.standin.seeds.demo import demo_copy
from soapsvc.standin.seeds.documents import encoded, read_document, write_json, write_zip
from soapsvc.standin.turns import Turns
from soapsvc.tenant import ImportRefused
from soapsvc.tenant.reading import Document, parse_json
from soapsvc.tenant.users import list_users

SEED = "soapsvc"
"""The default seed of a stand-in's ids."""
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""The range of a stand-in's clock."""

_REMEMBERED_CALLS = 50_000
_TENANT, _POWERS = "tenant.sqlite", "stand-in.json"
_ZIP = b"PK\x03\x04"


class SignIn(StrEnum):
    """Whether secrets and tokens are checked, or every caller is accepted."""

    STRICT = "strict"
    LAX = "lax"


class Parity(StrEnum):
    """Whether the vendor's limits hold: requests in a call, calls at once, and calls per time."""

    VENDOR = "vendor"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a stand-in at its start; a reset returns to them.

    Its clock stands still at `as_of`, or runs with the real clock for None; ids are derived from the text `seed`.
    Callers of the admin plane need `admin_token`, if it is set. `sign_in` None is strict where the tenant has users,
    and lax where it has none.
    """

    as_of: datetime | None = None
    seed: str = SEED
    admin_token: str | None = None
    sign_in: SignIn | None = None
    limits: Parity = Parity.VENDOR


def started(folder: Path | None, database: str | None, settings: Settings) -> StandIn:
    """A stand-in on a copy of a tenant directory, of an SQLite database, or of the demo where neither is given.

    Raises ImportRefused, Refused, NotPrivate, StoreError and sqlalchemy.exc.SQLAlchemyError where it cannot be copied.
    """
    clock = fixed_clock(settings.as_of) if settings.as_of is not None else system_clock
    with drawn_from(seeded(settings.seed)):
        if database is not None:
            copy = copy_of_database(database)
        elif folder is not None:
            copy = private_copy(from_folder(folder, clock))
        else:
            copy = demo_copy()
    return StandIn(copy, settings)


class StandIn:
    """The powers over one private copy. Safe to share among threads."""

    def __init__(self, copy: PrivateCopy, settings: Settings | None = None, *, real: Clock = system_clock) -> None:
        self.copy = copy
        self.store = copy.store
        self.settings = settings or Settings()
        self.seed = self.settings.seed
        self.clock = MovableClock(self.settings.as_of, frozen=self.settings.as_of is not None, real=real)
        self.turns = Turns()
        self.on_reset: list[Callable[[], None]] = []
        """Functions that clear caches whenever the tenant is replaced."""
        self.on_clock: list[Callable[[], None]] = []
        """Functions that are called when the clock was moved."""
        self.powers: dict[str, Any] = {}
        """Further powers by name. Those with `document`, `read` and `load` are part of the state as a file."""
        self._real = real
        self._calls: OrderedDict[bytes, int] = OrderedDict()
        self._lock = Lock()
        self.is_lax = self._lets_anybody_in()

    def source(self, *call: bytes) -> Source:
        """The source of a call's ids; `call` identifies equal calls."""
        key = sha256(b"\0".join(call)).digest()
        with self._lock:
            before = self._calls.pop(key, 0)
            self._calls[key] = before + 1
            if len(self._calls) > _REMEMBERED_CALLS:
                self._calls.popitem(last=False)
        return seeded(f"{self.seed} {key.hex()} {before}")

    def set_clock(self, now: datetime | None, frozen: bool | None) -> None:
        """Set the clock, freeze it or let it run. Raises Refused."""
        if now is not None and not FIRST <= now <= LAST:
            raise Refused(f"now is {now.isoformat()}; it must be from {FIRST.date()} to {LAST.date()}", field="now")
        self.clock.set(now, frozen=frozen)
        self._clock_moved()

    def advance_clock(self, by: timedelta) -> None:
        """Move the clock, backwards where `by` is negative. Raises Refused."""
        try:
            then = self.clock() + by
        except OverflowError as error:
            raise Refused("the clock cannot go so far", field="days") from error
        if not FIRST <= then <= LAST:
            raise Refused(f"the clock can only go from {FIRST.date()} to {LAST.date()}", field="days")
        self.clock.advance(by)
        self._clock_moved()

    def reset(self, *, first: bool = False) -> None:
        """Return to the start, with the current seed or the `first` one: tenant, clock, ids, all powers."""
        with self.turns.alone():
            self.copy.reset(first=first)
            self._forget()
            self.seed = self.settings.seed
            self._start_clock()

    def load_seed(self, body: bytes) -> None:
        """Make a tenant directory, as a zip or as JSON, the seed, and begin with it. Raises Refused."""
        with self.copy.room() as folder:
            if body.startswith(_ZIP):
                write_zip(body, folder)
            else:
                write_json(read_document(body), folder, today_of(self.store, self.clock))
            self.load_folder(folder)

    def load_folder(self, folder: Path) -> None:
        """Make a tenant directory the seed, and begin with it; it is only read. Raises Refused."""
        with self.copy.room() as room:
            try:
                with drawn_from(seeded(f"{self.seed} seed")):
                    new = filled(room / "new.sqlite", from_folder(folder, self.clock))
            except ImportRefused as refused:
                raise import_refusal(refused) from refused
            with self.turns.alone():
                self.copy.restore(new)
                self.copy.keep_as_seed()
                self._forget()

    def put_account(self, number: str, given: Document) -> bool:
        """Replace an account by the given one; True if it is new. Raises Refused."""
        with self.copy.room() as folder:
            return put_account(self.store, number, given, self.clock, folder)

    def delete_account(self, number: str) -> None:
        """Delete an account. Raises NotThere."""
        with self.copy.room() as folder:
            delete_account(self.store, number, self.clock, folder)

    def state(self) -> bytes:
        """The whole state as one file: a zip of the tenant's database and the state of the powers."""
        calls = [[key.hex(), count] for key, count in self._calls.items()]
        powers = {name: power.document() for name, power in self._kept_powers()}
        clock = {"now": self.clock().isoformat(), "frozen": self.clock.frozen}
        told = {"clock": clock, "seed": self.seed, "lax": self.is_lax, "calls": calls, **powers}
        file = BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, content in ((_POWERS, encoded(told)), (_TENANT, self.copy.snapshot())):
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
        return file.getvalue()

    def load_state(self, body: bytes) -> None:
        """Load a file of `state`; the seed is unchanged. Raises Refused."""
        try:
            with zipfile.ZipFile(BytesIO(body)) as archive:
                told, tenant = parse_json(archive.read(_POWERS)), archive.read(_TENANT)
        except (zipfile.BadZipFile, KeyError, ValueError, RuntimeError) as error:
            raise Refused(f"this is not a state of a stand-in: {error}") from error
        if not isinstance(told, Mapping):
            raise Refused("this is not a state of a stand-in: its stand-in.json is not an object")
        now, frozen, calls = _read(told)
        loads = [(power, power.read(told[name])) for name, power in self._kept_powers() if name in told]
        with self.copy.room() as room:
            snapshot = room / _TENANT
            snapshot.write_bytes(tenant)
            with self.turns.alone():
                self.copy.restore(snapshot)
                self._forget()
                self.seed = str(told.get("seed", self.seed))
                self._calls = calls
                self.is_lax = told.get("lax") is True
                for power, content in loads:
                    power.load(content)
                self.set_clock(now, frozen)

    def _kept_powers(self) -> list[tuple[str, Any]]:
        return [(name, power) for name, power in self.powers.items() if hasattr(power, "load")]

    def _start_clock(self) -> None:
        if self.settings.as_of is not None:
            self.clock.set(self.settings.as_of, frozen=True)
        else:
            self.clock.set(self._real(), frozen=False)

    def _clock_moved(self) -> None:
        for mind in self.on_clock:
            mind()

    def _lets_anybody_in(self) -> bool:
        """Whether every caller is accepted: by default where the seed has no user."""
        if self.settings.sign_in is not None:
            return self.settings.sign_in is SignIn.LAX
        with self.store.reading() as connection:
            return not list_users(connection, 0)

    def _forget(self) -> None:
        with self._lock:
            self._calls = OrderedDict()
        self.is_lax = self._lets_anybody_in()
        for forget in self.on_reset:
            forget()


def _read(told: Mapping[str, Any]) -> tuple[datetime, bool, OrderedDict[bytes, int]]:
    try:
        now = datetime.fromisoformat(told["clock"]["now"])
        calls = OrderedDict((bytes.fromhex(key), int(count)) for key, count in told["calls"])
        return now, told["clock"]["frozen"] is True, calls
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(f"this is not a state of a stand-in: its stand-in.json lacks or misspells {error}") from error
