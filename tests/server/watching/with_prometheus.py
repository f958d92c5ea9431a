"""A real Prometheus watches a service under mixed load: `python -m tests.server.watching.with_prometheus`.

Debian's package `prometheus` must be installed. The service has two workers. Calls of all kinds and billing preview
runs are made for `--seconds`. Now and then a worker is killed, if possible the one that executes a run. The output
lists numbers that differ between Prometheus and the client, and queries of the Grafana dashboard that return nothing;
then the exit status is 1. A shadow of the service also runs, because one panel is about shadows.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.server.watching.mixed_load import CALLS, KNOWN, MixedLoad, Numbers, drawn, generated, of_calls
from tests.server.watching.watched import kill_a_worker
from tests.support.server import Server, serving

DASHBOARD = Path(__file__).resolve().parents[3] / "docs" / "operate" / "grafana-dashboard.json"
PROMETHEUS = shutil.which("prometheus")
THREADS = 3
_SETTLED = 30.0


@dataclass
class Found:
    """The findings: all is well if `differences` and `empty` are empty."""

    differences: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    calls: int = 0
    runs: int = 0
    kills: int = 0
    kills_of_runs: int = 0
    queries: int = 0


def observed(folder: Path, seconds: float, accounts: int, kills: int) -> Found:
    """Let Prometheus watch for so many seconds while so many workers are killed."""
    database, some = generated(folder, accounts)
    common = ("--database", database, "--results", str(folder / "results"))
    found = Found()
    with (
        serving(folder / "log", *common, "--workers", "2", "--run-workers", "1") as server,
        _shadow(folder, server, common) as shadow,
        prometheus(folder, {"soapsvc": server, "shadow": shadow}) as ask,
    ):
        load = MixedLoad(server.url, some)
        _begin(load, shadow)
        _loaded(load, server, seconds, kills, found)
        _settled(ask, load, found)
        found.calls = sum(count for key, count in load.seen.items() if key[0] == CALLS)
        found.runs = load.runs
        found.empty = [query for query in queries() if not ask(query)]
        found.queries = len(queries())
    return found


@contextmanager
def _shadow(folder: Path, server: Server, common: tuple[str, ...]) -> Iterator[Server]:
    own = ("--shadow", server.url, "--shadow-differences", str(folder / "differences"), "--run-workers", "0")
    with serving(folder / "shadow.log", *common, *own, "--workers", "1") as shadow:
        yield shadow


def _begin(load: MixedLoad, shadow: Server) -> None:
    """Make calls that are too slow or too rare for the load, and some calls through the shadow."""
    random = drawn(0)
    load.soap_login(random)
    load.wrong_login()
    own, load.url = load.url, shadow.url
    for _ in range(5):
        load.soap_preview(random)
        load.rest_preview(random)
        time.sleep(1)  # a pause between scrapes: a rate needs two scrapes
    load.url = own
    load.wrong_login()


def _loaded(load: MixedLoad, server: Server, seconds: float, kills: int, found: Found) -> None:
    """Make calls and runs, and kill workers."""
    over, wrong = threading.Event(), list[BaseException]()

    def until_over(work: Callable[[], None]) -> Callable[[], None]:
        def guarded() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - told by the thread that waits
                wrong.append(error)
                over.set()

        return guarded

    def runs() -> None:
        while not over.is_set():
            load.run()

    works = [lambda seed=seed: load.repeat(over.is_set, drawn(seed)) for seed in range(THREADS)]
    threads = [threading.Thread(target=until_over(work)) for work in (*works, runs)]
    for thread in threads:
        thread.start()
    for _ in range(kills):
        over.wait(seconds / (kills + 1))
        with load.held():
            found.kills_of_runs += kill_a_worker(server)
            found.kills += 1
    over.wait(seconds / (kills + 1))
    over.set()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]


def _settled(ask: Ask, load: MixedLoad, found: Found) -> None:
    """Compare once the last calls have been scraped."""
    end = time.monotonic() + _SETTLED
    while (told := _told(ask)) != load.seen and time.monotonic() < end:
        time.sleep(0.5)
    for key in sorted({*told, *load.seen}):
        if told.get(key, 0) != load.seen[key]:
            found.differences.append(f"{' '.join(key)}: Prometheus {told.get(key, 0):g}, client {load.seen[key]}")
    for reset in ask(f'resets({CALLS}{{job="soapsvc"}}[1h]) > 0'):
        found.differences.append(f"went back: {reset}")


def _told(ask: Ask) -> Numbers:
    """The numbers of Prometheus that a client can count too."""
    samples = ask(f'{{__name__=~"{"|".join(KNOWN)}",job="soapsvc"}}')
    own = {"__name__", "instance", "job"}
    return of_calls(
        {
            (each["metric"]["__name__"], *(value for name, value in sorted(each["metric"].items()) if name not in own)):
                float(each["value"][1])
            for each in samples
        }
    )  # fmt: skip


def queries() -> list[str]:
    """All queries of the dashboard."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


Ask = Callable[[str], list[dict[str, Any]]]


@contextmanager
def prometheus(folder: Path, watched: Mapping[str, Server]) -> Iterator[Ask]:
    """A Prometheus that scrapes these targets once per second, by job; yields a function that answers queries."""
    assert PROMETHEUS is not None
    port = _free_port()
    jobs = "".join(
        f"  - job_name: {job}\n    static_configs: [{{targets: ['{server.url.partition('://')[2]}']}}]\n"
        for job, server in watched.items()
    )
    configuration = folder / "prometheus.yml"
    configuration.write_text(f"global: {{scrape_interval: 1s}}\nscrape_configs:\n{jobs}")
    command = [PROMETHEUS, f"--config.file={configuration}", f"--storage.tsdb.path={folder / 'tsdb'}"]
    url = f"http://127.0.0.1:{port}"

    def ask(query: str) -> list[dict[str, Any]]:
        asked = f"{url}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - our own
            found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        return found

    with (folder / "prometheus.log").open("w") as log:
        process = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
        try:
            _wait_for(url, process)
            yield ask
        finally:
            process.terminate()
            process.wait(60)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while True:
        assert process.poll() is None, "Prometheus does not start"
        try:
            urllib.request.urlopen(f"{url}/-/ready", timeout=5).close()  # noqa: S310
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.1)
        else:
            return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def main() -> int:
    """Watch, and print the findings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=4)
    arguments = parser.parse_args()
    if PROMETHEUS is None:
        sys.stderr.write("prometheus is not here: apt-get install prometheus\n")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        found = observed(Path(folder), arguments.seconds, arguments.accounts, arguments.kills)
    sys.stdout.write(
        f"{found.calls} calls, {found.runs} runs, {found.kills} workers killed, {found.kills_of_runs} of them in a run;"
        f" {len(found.differences)} counts differ; {len(found.empty)} of {found.queries} queries return nothing\n"
    )
    for line in (*found.differences, *found.empty):
        sys.stdout.write(f"{line}\n")
    return 1 if found.differences or found.empty else 0


if __name__ == "__main__":
    sys.exit(main())
