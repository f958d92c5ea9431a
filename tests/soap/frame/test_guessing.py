"""Guesses at passwords are delayed, also in parallel; a right password is accepted in every case."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from ipaddress import ip_network
from threading import Event, Lock

import pytest
from sqlalchemy import func, select

from soapsvc.server import Options, application
from soapsvc.server.public_url import PublicUrl
from soapsvc.tenant import Store, UserEntry
from soapsvc.tenant.tables import GUESSES
from soapsvc.tenant.users import Login, fits
from tests.soap.client import Reply, Service, login
from tests.soap.conftest import MovableClock
from tests.soap.sample_tenant import NOW, PASSWORD, USER

WRONG_LOGIN = ("fns:INVALID_VALUE", "Invalid login. User name and password do not match.", "LoginFault")
NOT_LOOKED_AT = (
    "fns:REQUEST_EXCEEDED_LIMIT",
    "Too many logins have failed lately, so this one was not checked; try again in a moment.",
    "UnexpectedErrorFault",
)
HOME, ELSEWHERE = "192.0.2.1", "203.0.113.9"


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The secrets that are checked, as in truth but without the time that it takes."""
    secrets: list[str] = []

    def check(found: Login | None, secret: str) -> bool:
        secrets.append(secret)
        return found is not None and found.user.username == USER and secret == PASSWORD

    monkeypatch.setattr("soapsvc.web.logins.fits", check)
    return secrets


def worker(store: Store, clock: MovableClock, **options: object) -> Service:
    """What one worker process has: of another one it knows only what is in the store. Time stands still in it."""
    return Service(application(store, Options(sleep=lambda _: None, **options), clock))  # type: ignore[arg-type]


def refused(reply: Reply) -> str:
    """How a login was refused."""
    found = {WRONG_LOGIN: "wrong", NOT_LOOKED_AT: "not looked at"}[reply.fault]
    assert (reply.status, "Retry-After" in reply.headers) == ((500, False) if found == "wrong" else (429, True))
    return found


def guess(service: Service, times: int, address: str = HOME, name: str = USER) -> list[str]:
    return [refused(service.login(name, f"guess {n}", REMOTE_ADDR=address)) for n in range(times)]


def test_each_further_guess_waits_longer_up_to_a_limit(service: Service, clock: MovableClock) -> None:
    """Failures 1-3 cost nothing; then 0.25 s, 0.5 s, 1 s, 2 s, 4 s, 4 s."""
    for _ in range(9):
        assert service.login(password="wrong").fault == WRONG_LOGIN
    assert clock.slept == [0.25, 0.5, 1, 2, 4, 4]


def test_8_of_64_guesses_at_once_over_all_workers_are_checked(
    store: Store, clock: MovableClock, checked: list[str]
) -> None:
    """3 at once, and those whose answers are due within 8 s: after 0.25, 0.75, 1.75, 3.75 and 7.75 s."""
    workers = [worker(store, clock) for _ in range(4)]
    with ThreadPoolExecutor(64) as threads:
        answers = list(threads.map(lambda n: refused(workers[n % 4].login(password=f"guess {n}")), range(64)))
    assert (answers.count("wrong"), answers.count("not looked at")) == (8, 56)
    assert len(checked) == 8


def test_a_guess_that_was_not_looked_at_can_be_made_again_when_it_says(
    store: Store, clock: MovableClock, checked: list[str]
) -> None:
    """The 8th answer is due after 7.75 s, the 9th after 11.75 s: in 3.75 s that is 8 s away, and in 4 s less."""
    guessing = worker(store, clock)
    assert guess(guessing, 9) == ["wrong"] * 8 + ["not looked at"]
    reply = guessing.login(REMOTE_ADDR=HOME)
    assert (reply.fault, reply.headers["Retry-After"]) == (NOT_LOOKED_AT, "4")
    clock.now += timedelta(seconds=4)
    assert guessing.login(REMOTE_ADDR=HOME).status == 200


def test_a_right_password_is_let_in_while_wrong_ones_at_the_same_name_wait(store: Store, clock: MovableClock) -> None:
    """A client with a stale password keeps trying from the same machine."""
    during: list[int] = []

    def sleep(_seconds: float) -> None:
        during.append(service.login().status)

    service = Service(application(store, Options(sleep=sleep), clock))
    for _ in range(5):
        assert service.login(password="stale").fault == WRONG_LOGIN
    assert during == [200]
    assert service.login().status == 200


def test_a_stranger_does_not_keep_the_owner_out(store: Store, clock: MovableClock, checked: list[str]) -> None:
    door = worker(store, clock)
    assert guess(door, 64, ELSEWHERE)[-1] == "not looked at"
    assert door.login(REMOTE_ADDR=HOME).status == 200
    assert worker(store, clock).login(REMOTE_ADDR=HOME).status == 200
    assert guess(door, 1, ELSEWHERE) == ["not looked at"], "the owner's login forgives the stranger nothing"


def test_many_strangers_do_not_keep_the_owner_out(store: Store, clock: MovableClock, checked: list[str]) -> None:
    """40 addresses with 8 guesses each: all are answered late, and the owner at once."""
    door = worker(store, clock)
    for n in range(40):
        guess(door, 8, f"203.0.113.{n}")
    assert door.login(REMOTE_ADDR=HOME).status == 200


def test_a_known_password_is_accepted_while_others_guess_from_the_same_address(
    store: Store, clock: MovableClock, checked: list[str]
) -> None:
    door = worker(store, clock)
    assert door.login(REMOTE_ADDR=HOME).status == 200
    assert guess(door, 64)[-1] == "not looked at"
    assert door.login(REMOTE_ADDR=HOME).status == 200
    assert checked.count(PASSWORD) == 1, "a password that was right is known again"


def test_a_password_that_was_right_is_wrong_once_it_was_changed(
    store: Store, clock: MovableClock, service: Service
) -> None:
    store.put_user(UserEntry("ann", password="old", client_id="ann", client_secret="old"))
    assert service.login("ann", "old").status == 200
    store.put_user(UserEntry("ann", password="new", client_id="ann", client_secret="old"))
    assert service.login("ann", "old").fault == WRONG_LOGIN
    assert service.login("ann", "new").status == 200


def test_answers_to_guesses_from_many_addresses_are_delayed_too(
    store: Store, clock: MovableClock, checked: list[str]
) -> None:
    """The first 30 guesses at a name, 3 from an address, cost nothing; the 31st costs 0.25 s, wherever it is from."""
    slept: list[float] = []
    door = Service(application(store, Options(sleep=slept.append), clock))
    for n in range(10):
        guess(door, 3, f"203.0.113.{n}")
    assert slept == []
    guess(door, 1, "203.0.113.99")
    assert slept == [0.25]


def test_trying_one_password_at_many_names_is_slow_too(store: Store, clock: MovableClock, checked: list[str]) -> None:
    """100 names from one address cost nothing; of the next, 5 are looked at in 8 seconds. Others look on."""
    door = worker(store, clock)
    answers = [guess(door, 1, ELSEWHERE, f"name {n}")[0] for n in range(120)]
    assert (answers.index("not looked at"), answers.count("wrong")) == (105, 105)
    assert door.login(REMOTE_ADDR=HOME).status == 200


@pytest.mark.parametrize(
    ("addresses", "is_one"),
    [
        (("192.0.2.1", "::ffff:192.0.2.1"), True),
        (("2001:db8::1", "2001:db8::ffff:1"), True),
        (("fe80::1%eth0", "fe80::2"), True),
        (("2001:db8::1", "2001:db8:0:1::1"), False),
        (("192.0.2.1", "192.0.2.2"), False),
        (("", "unix:"), False),
    ],
)
def test_an_ipv6_network_of_64_bits_counts_as_one_address(
    store: Store, clock: MovableClock, checked: list[str], addresses: tuple[str, str], is_one: bool
) -> None:
    door = worker(store, clock)
    guess(door, 9, addresses[0])
    assert guess(door, 1, addresses[1]) == ["not looked at" if is_one else "wrong"]


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        ((), "198.51.100.7", "10.0.0.1"),
        (("10.0.0.0/8",), "198.51.100.7", "198.51.100.7"),
        (("10.0.0.0/8",), "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        (("10.0.0.0/8",), "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (("10.0.0.0/8",), "nonsense, 10.0.0.2", "nonsense"),
        (("10.0.0.0/8",), "", "10.0.0.1"),
        (("10.0.0.0/8",), "198.51.100.7,", "10.0.0.1"),
    ],
)
def test_behind_a_trusted_proxy_the_client_s_own_address_counts(
    trusted: tuple[str, ...], forwarded: str, address: str
) -> None:
    found = PublicUrl(trusted_proxies=[ip_network(each) for each in trusted])
    assert found.client({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": forwarded}) == address


def test_a_good_login_and_time_forgive_failures(service: Service, clock: MovableClock) -> None:
    for _ in range(3):
        service.login(password="wrong")
    assert service.login().status == 200
    clock.slept.clear()
    for _ in range(3):
        service.login(password="wrong")
    clock.now = NOW + timedelta(hours=1)
    service.login(password="wrong")
    assert not any(clock.slept)


def test_guesses_at_one_name_do_not_slow_another(service: Service, clock: MovableClock) -> None:
    for _ in range(5):
        service.login(username="other@example.com", password="wrong")
    clock.slept.clear()
    assert service.login().status == 200
    assert not any(clock.slept)


def test_four_wrong_answers_wait_at_a_time_and_the_others_hold_no_thread(
    store: Store, clock: MovableClock, checked: list[str]
) -> None:
    during: list[int] = []

    def sleep(_seconds: float) -> None:
        during.append(len(during))
        if len(during) < 8:
            guess(door, 1, f"203.0.113.{len(during)}")

    door = Service(application(store, Options(sleep=sleep), clock))
    for n in range(10):
        guess(door, 3, f"203.0.113.{n}")
    assert during == []
    guess(door, 1, "203.0.113.99")
    assert len(during) == 4


def test_two_passwords_are_hashed_at_a_time(store: Store, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 64 MiB: eight guesses at once would take half a gigabyte of each worker."""
    lock, running, most, one_more = Lock(), 0, 0, Event()

    def check(_found: Login | None, _secret: str) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        one_more.wait(0.05)
        with lock:
            running -= 1
        return False

    monkeypatch.setattr("soapsvc.web.logins.fits", check)
    door = worker(store, clock)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda n: guess(door, 1, f"203.0.113.{n}", f"name {n}"), range(8)))
    assert found == [["wrong"]] * 8
    assert most == 2


def kept_of_eight(service: Service, body: bytes) -> int:
    """The bytes that eight such logins leave in memory."""
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(8):
            assert service.post(body).fault == WRONG_LOGIN
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return after - before


@pytest.mark.parametrize("length", [256, 1_900_000])
def test_a_name_that_is_longer_than_any_is_wrong_and_leaves_nothing_behind(
    store: Store, service: Service, checked: list[str], length: int
) -> None:
    body = login("x" * length, "wrong").encode()
    service.post(body)
    # Threads that other tests have left in this process may allocate meanwhile: not at every try.
    assert any(kept_of_eight(service, body) < 200_000 for _ in range(3))
    assert checked == []
    with store.begin() as connection:
        assert connection.execute(select(func.count()).select_from(GUESSES)).scalar() == 0


def test_only_a_digest_of_a_guessed_name_is_stored(store: Store, service: Service) -> None:
    service.login("some body's name", "wrong")
    with store.begin() as connection:
        kept = [row.key for row in connection.execute(select(GUESSES))]
    assert [len(key) for key in kept] == [64] * 3
    assert not any("body" in key for key in kept)


def test_expired_guesses_are_deleted(store: Store, clock: MovableClock, checked: list[str]) -> None:
    guess(worker(store, clock), 8)
    clock.now += timedelta(minutes=16)
    guess(worker(store, clock), 1, ELSEWHERE, "another name")
    with store.begin() as connection:
        assert connection.execute(select(func.count()).select_from(GUESSES)).scalar() == 3


def test_an_unknown_name_is_compared_with_a_hash_as_well() -> None:
    assert fits(None, "whatever") is False
