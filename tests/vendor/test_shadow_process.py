"""The process that compares for a shadow: full, killed, stuck, or with work left when the service stops.

Whatever becomes of it, clients get the upstream's bytes, and each call is compared or counted as left out.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest

from soapsvc.parity.shadowing import AGREED, LEFT_OUT, Overheard, Sent, Shadow, read_found
from soapsvc.tenant import open_tenant
from tests.support.machine import is_running
from tests.support.server import Server, serving
from tests.support.until import until as soon
from tests.vendor.load import Call, calls, upstream
from tests.vendor.tenant import NOW, write_source

ROOM = 200
"""Calls that wait at most; one more is with the process that compares."""


until = partial(soon, tries=2400)


def started_by(pid: int) -> list[int]:
    """The processes that the threads of this one have started."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in found for child in path.read_text().split()]


@dataclass(frozen=True)
class Shadowing:
    """A server of one worker that shadows an upstream, and what its clients ask for."""

    server: Server
    made: list[Call]
    differences: Path

    def ask(self, times: int) -> None:
        """Make so many calls, and look at every byte that is answered."""
        with httpx.Client(base_url=self.server.url, trust_env=False) as client:
            for place in range(times):
                call = self.made[place % len(self.made)]
                answer = client.post(call.path, content=call.body, headers=dict(call.headers))
                assert answer.content == call.answer

    def comparer(self) -> int:
        """The process that compares, once it is there."""
        until(self._comparers, "the process that compares")
        (found,) = self._comparers()
        return found

    def _comparers(self) -> list[int]:
        (worker,) = started_by(self.server.process.pid)
        return [pid for pid in started_by(worker) if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def outcomes(self) -> dict[str, int]:
        found = read_found(self.differences)
        return {} if found is None else dict(found.outcomes)

    def has_compared(self, previews: int) -> None:
        """Wait until so many previews agree."""
        until(lambda: self.outcomes().get(AGREED, 0) >= previews, f"{previews} previews that agree")

    def metric(self) -> dict[str, float]:
        """Previews by outcome, as /metrics tells, over both surfaces."""
        found: dict[str, float] = {}
        for line in httpx.get(f"{self.server.url}/metrics", trust_env=False).text.splitlines():
            if line.startswith("soapsvc_shadow_previews_total{"):
                outcome = line.partition('outcome="')[2].partition('"')[0]
                found[outcome] = found.get(outcome, 0) + float(line.rpartition(" ")[2])
        return found

    def log(self) -> str:
        return self.server.log.read_text()


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Call]]:
    """A tenant, and calls whose answers agree with it; those of the account with thousands of items take too long."""
    folder = write_source(tmp_path_factory.mktemp("asked"), 4)
    return folder, [call for call in calls(folder, 4) if len(call.answer) < 100_000]


@contextmanager
def shadowing(asked: tuple[Path, list[Call]], place: Path, *options: str) -> Iterator[Shadowing]:
    folder, made = asked
    given = ["--workers", "1", "--run-workers", "0", "--shadow-differences", str(place / "differences"), *options]
    with (
        upstream({call.body: call for call in made}) as theirs,
        serving(place / "log", "--tenant", str(folder), "--shadow", theirs, *given) as server,
    ):
        yield Shadowing(server, made, place / "differences")


@pytest.fixture
def shadow(asked: tuple[Path, list[Call]], tmp_path: Path) -> Iterator[Shadowing]:
    with shadowing(asked, tmp_path) as found:
        yield found


def stop(shadow: Shadowing) -> None:
    shadow.server.process.terminate()
    assert shadow.server.process.wait(40) == 0


def test_a_full_queue_passes_calls_on_and_counts_them(shadow: Shadowing) -> None:
    shadow.ask(1)
    shadow.has_compared(1)
    comparer = shadow.comparer()
    os.kill(comparer, signal.SIGSTOP)
    shadow.ask(1 + ROOM + 7)  # one is with the process, so many wait, and seven have no room
    until(lambda: shadow.metric().get(LEFT_OUT) == 7, "seven calls that are left out")
    assert "shadow: calls that were passed on and not compared: 1 (200 calls" in shadow.log()
    os.kill(comparer, signal.SIGCONT)
    shadow.has_compared(1 + 1 + ROOM)
    shadow.ask(1)
    shadow.has_compared(1 + 1 + ROOM + 1)
    stop(shadow)
    assert shadow.outcomes() == {AGREED: ROOM + 3, LEFT_OUT: 7}


def test_a_process_that_is_killed_is_replaced_and_no_call_is_lost(shadow: Shadowing) -> None:
    shadow.ask(2)
    shadow.has_compared(2)
    first = shadow.comparer()
    os.kill(first, signal.SIGKILL)
    shadow.ask(3)
    shadow.has_compared(5)
    assert shadow.comparer() != first
    assert "the process that compares ended unexpectedly with -9; another one takes its place" in shadow.log()
    stop(shadow)
    assert shadow.outcomes() == {AGREED: 5}


def test_a_process_that_is_killed_with_a_call_in_hand_is_replaced(shadow: Shadowing) -> None:
    shadow.ask(1)
    shadow.has_compared(1)
    first = shadow.comparer()
    os.kill(first, signal.SIGSTOP)
    shadow.ask(3)
    os.kill(first, signal.SIGKILL)
    shadow.has_compared(4)
    stop(shadow)
    assert shadow.outcomes() == {AGREED: 4}


def test_waiting_calls_are_compared_before_the_service_stops(shadow: Shadowing) -> None:
    shadow.ask(1)
    shadow.has_compared(1)
    comparer = shadow.comparer()
    os.kill(comparer, signal.SIGSTOP)
    shadow.ask(4)
    shadow.server.process.terminate()
    until(lambda: "shadow: calls that wait to be compared before the end: 3, within 5 seconds" in shadow.log(), "it")
    os.kill(comparer, signal.SIGCONT)
    assert shadow.server.process.wait(40) == 0
    assert shadow.outcomes() == {AGREED: 5}


def test_calls_that_cannot_be_compared_before_the_service_stops_are_counted(
    asked: tuple[Path, list[Call]], tmp_path: Path
) -> None:
    with shadowing(asked, tmp_path, "--grace", "2") as shadow:
        shadow.ask(1)
        shadow.has_compared(1)
        os.kill(shadow.comparer(), signal.SIGSTOP)
        shadow.ask(20)
        stop(shadow)
        outcomes = shadow.outcomes()
        # The first call is known by its count. It may be in hand when its process is held, and is counted again then.
        again = outcomes[LEFT_OUT] - 20
        assert (outcomes[AGREED], again in (0, 1)) == (1, True)
        said = [line for line in shadow.log().splitlines() if "passed on and not compared" in line]
        assert sum(int(line.partition("compared: ")[2].partition(" ")[0]) for line in said) == 20 + again
        assert all(line.endswith("(the service has stopped)") for line in said)


def test_a_store_of_findings_that_has_no_tables_yet_has_found_nothing(tmp_path: Path) -> None:
    """A process that opens the file while the first one creates it sees no tables."""
    (tmp_path / "shadow.sqlite").touch()
    assert read_found(tmp_path) is None


def test_the_process_gives_way_to_others_and_ends_with_the_service(shadow: Shadowing) -> None:
    shadow.ask(1)
    shadow.has_compared(1)
    comparer = shadow.comparer()
    own = os.getpriority(os.PRIO_PROCESS, shadow.server.process.pid)
    assert os.getpriority(os.PRIO_PROCESS, comparer) == min(own + 10, 19)
    stop(shadow)
    until(lambda: not is_running(comparer), "its end")


def test_a_worker_that_is_killed_takes_the_process_along(shadow: Shadowing) -> None:
    shadow.ask(1)
    shadow.has_compared(1)
    comparer = shadow.comparer()
    (worker,) = started_by(shadow.server.process.pid)
    os.kill(worker, signal.SIGKILL)
    until(lambda: not is_running(comparer), "its end")
    until(lambda: started_by(shadow.server.process.pid), "another worker")
    shadow.ask(2)
    shadow.has_compared(3)


def test_no_secret_of_a_client_is_written(shadow: Shadowing) -> None:
    shadow.ask(4)
    shadow.has_compared(4)
    os.kill(shadow.comparer(), signal.SIGKILL)
    shadow.ask(4)
    shadow.has_compared(8)
    stop(shadow)
    session = next(call.body for call in shadow.made if b"session>" in call.body).partition(b"session>")[2][:40]
    written = b"".join(path.read_bytes() for path in (*shadow.differences.iterdir(), shadow.server.log))
    assert [secret for secret in (b"reader-password", session) if secret in written] == []


def test_a_process_that_is_stuck_is_replaced_and_its_call_counted(
    asked: tuple[Path, list[Call]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, made = asked
    store = open_tenant(folder)
    shadow = Shadow(store, tmp_path, patience=0.0)  # none is as fast as that
    shadow.hear(Overheard("rest", NOW, Sent(made[0].body), Sent(made[0].answer)))
    until(lambda: shadow.counts[LEFT_OUT], "a call that is left out")
    shadow.finish()
    store.close()
    assert shadow.counts == {LEFT_OUT: 1}
    assert "the process that compares has not answered for 0 seconds; another one takes its place" in caplog.text
    assert "not compared: 1 (the processes that compared them were lost)" in caplog.text
