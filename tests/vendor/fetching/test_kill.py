"""A fetch over a real socket, on a bad day, killed three times: the same files, and no call twice but to try again.

FETCH_ACCOUNTS=5000 runs it whole.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from soapsvc.clock import system_clock
from soapsvc.server.wsgi import Options, application
from soapsvc.tenant import open_tenant
from soapsvc.vendor.fetching import Wanted, fetch
from tests.support.server import SOAPSVC
from tests.support.services.faulty import Faulty
from tests.support.services.serving import served
from tests.vendor.conftest import vendor_over
from tests.vendor.fetching.test_fetch import files
from tests.vendor.tenant import CLIENT_ID, CLIENT_SECRET, write_source

ACCOUNTS = int(os.environ.get("FETCH_ACCOUNTS", "60"))
AT_ONCE = 6
KILLS = 3
RATE, WINDOW = 400, 2
"""Calls in a window of seconds that the service announces."""


def started(url: str, folder: Path, log: Path) -> subprocess.Popen[bytes]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SOAPSVC_")},
        "SOAPSVC_UPSTREAM_CLIENT_ID": CLIENT_ID,
        "SOAPSVC_UPSTREAM_CLIENT_SECRET": CLIENT_SECRET,
    }
    options = ["--upstream", url, "--at-once", f"{AT_ONCE}", "--attempts", "40", "--longest-pause", "0.05"]
    with log.open("ab") as output:
        command = [SOAPSVC, "fetch", *options, folder]
        return subprocess.Popen(command, stdout=output, stderr=output, env=environment)


def killed_after(process: subprocess.Popen[bytes], app: Faulty, calls: int) -> None:
    """Kill it once so many calls more were answered."""
    until = sum(app.answered.values()) + calls
    while sum(app.answered.values()) < until and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL, "it was over before it was killed"


def test_three_kills_and_many_faults_change_no_file(tmp_path: Path) -> None:
    store = open_tenant(write_source(tmp_path / "source", ACCOUNTS))
    service = application(store, Options(as_vendor=True), system_clock)
    with vendor_over(service) as vendor:
        assert fetch(vendor, tmp_path / "undisturbed", Wanted(), at_once=4).failed == ()
    app = Faulty(service, share=0.08, seed=7, limit=RATE, seconds=WINDOW)
    folder, log = tmp_path / "disturbed", tmp_path / "log"
    with served(app) as url:
        for place in range(KILLS):
            killed_after(started(url, folder, log), app, ACCOUNTS // 2 + 7 * place)
        last = started(url, folder, log)
        assert last.wait(600) == 0, log.read_text()
    mine, theirs = files(folder), files(tmp_path / "undisturbed")
    assert mine.pop("fetch-report.json") != theirs.pop("fetch-report.json")  # another upstream
    assert mine.pop("tenant.toml") != theirs.pop("tenant.toml")
    assert mine == theirs
    assert len(mine) >= 3 * ACCOUNTS
    # Answers that were on their way when it was killed are asked for again, and lists whose page repeated: no others.
    again = sum(count - 1 for count in app.answered.values())
    assert again <= KILLS * AT_ONCE + 4 * app.faults["again"], app.faults
    assert sum(app.faults.values()) > ACCOUNTS // 10
    assert app.above_the_rate == 0
    assert app.most_at_once <= AT_ONCE + 1
    written = log.read_text()
    assert CLIENT_SECRET not in written
    assert written.endswith(f"{ACCOUNTS:,} accounts in {folder}\n")
    store.close()
