"""Drive real clients against a real server and print a table: `python -m tests.interop.run [--versions 61.0] [--day]`.

Clients that are not installed are listed; with `--all` they are failures. `make interop` installs all of them first.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.interop import day
from tests.interop.fronts import FRONTS, standing
from tests.interop.scenario import CREDENTIALS, differences
from tests.soap.sample_tenant import MONTHLY, UNKNOWN, write_sample_tenant
from tests.support.server import serving

DRIVERS = Path(__file__).parent / "drivers"
NODE_MODULES = Path(__file__).parent / "node_modules"
VERSIONS = ("61.0", "71.0", "81.0")
ACCOUNTS = {"ZUORA_MONTHLY": MONTHLY, "ZUORA_UNKNOWN": UNKNOWN}
SECONDS = 300


@dataclass(frozen=True)
class Client:
    """A real client: the command that runs its driver, its requirements, and its environment."""

    name: str
    command: Sequence[str]
    needs: Sequence[str] = ()
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        """The missing programs, files and modules."""
        return [need for need in self.needs if shutil.which(need) is None and not Path(need).exists()]

    def run(self, base: str, version: str, folder: Path, judge: Callable[[str], list[str]] = differences) -> list[str]:
        """The failure; empty if `judge` accepts the client's output."""
        environ = {**os.environ, **CREDENTIALS, **ACCOUNTS, "WORK": str(folder), **self.environ}
        command = [*self.command, base, version]
        done = subprocess.run(
            command, env=environ, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        if done.returncode != 0:
            return [f"exit {done.returncode}: {(done.stderr or done.stdout).strip()[-600:]}"]
        return judge(done.stdout)


def _driver(name: str) -> str:
    return str(DRIVERS / name)


PYTHON_CLIENTS = (
    Client("zeep, strict", [sys.executable, _driver("zeep_client.py")]),
    Client("zeep, lax", [sys.executable, _driver("zeep_client.py")], environ={"ZEEP_STRICT": "0"}),
    Client("suds-community", [sys.executable, _driver("suds_client.py")]),
)
NODE = {"NODE_PATH": str(NODE_MODULES)}
OTHER_CLIENTS = (
    Client("node soap", ["node", _driver("node_soap.js")], ["node", str(NODE_MODULES / "soap")], NODE),
    Client("PHP SoapClient, 1.1", ["php", _driver("php_soapclient.php")], ["php"]),
    Client("PHP SoapClient, 1.2", ["php", _driver("php_soapclient.php")], ["php"], {"SOAP_VERSION": "2"}),
    Client("Perl SOAP::Lite", ["perl", _driver("soap_lite.pl")], ["perl", "/usr/share/perl5/SOAP/Lite.pm"]),
    Client("Axis 1.4", ["sh", _driver("axis.sh")], ["javac", "/usr/share/java/axis.jar"]),
    Client("JAX-WS RI 2.3", ["sh", _driver("jaxws.sh")], ["javac", "wsimport"]),
    Client("gSOAP", ["sh", _driver("gsoap.sh")], ["wsdl2h", "soapcpp2", "g++"]),
    Client(".NET ASMX (Mono)", ["sh", _driver("asmx.sh")], ["mono", "mcs", "wsdl"]),
)
DAY_CLIENTS = (
    Client("zeep", [sys.executable, _driver("zeep_day.py")]),
    Client("node soap", ["node", _driver("node_day.js")], ["node", str(NODE_MODULES / "soap")], NODE),
    Client("PHP SoapClient", ["php", _driver("php_day.php")], ["php"]),
    Client("Perl SOAP::Lite", ["perl", _driver("soap_lite_day.pl")], ["perl", "/usr/share/perl5/SOAP/Lite.pm"]),
    Client("Axis 1.4", ["sh", _driver("axis.sh")], ["javac", "/usr/share/java/axis.jar"], {"DRIVER": "AxisDay"}),
    Client("JAX-WS RI 2.3", ["sh", _driver("jaxws.sh")], ["javac", "wsimport"], {"DRIVER": "JaxWsDay"}),
)
"""The clients that run the whole day (`day`)."""


def day_environ() -> dict[str, str]:
    """The environment of a driver for the day."""
    return {**os.environ, **CREDENTIALS}


def day_results(clients: Sequence[Client]) -> Iterator[tuple[Client, str, list[str] | None]]:
    """The same for the day of a client."""
    with tempfile.TemporaryDirectory() as folder:
        tenant = day.write_day_tenant(Path(folder) / "tenant")
        options = ("--tenant", str(tenant), "--workers", "1", "--run-workers", "1")
        with serving(Path(folder) / "log", *options) as server:
            for client in clients:
                for version in day.VERSIONS:
                    work = Path(folder) / client.name.replace(" ", "-") / version
                    work.mkdir(parents=True)
                    done = None if client.missing else client.run(server.url, version, work, day.differences)
                    yield client, version, done


def results(
    clients: Sequence[Client], versions: Sequence[str], through: str = "plain"
) -> Iterator[tuple[Client, str, list[str] | None]]:
    """The failure of each client and version through one of FRONTS (None: the client is not installed)."""
    with tempfile.TemporaryDirectory() as folder:
        tenant = write_sample_tenant(Path(folder) / "tenant")
        with standing(through, Path(folder), ("--tenant", str(tenant), "--workers", "1")) as server:
            for client in clients:
                for version in versions:
                    work = Path(folder) / client.name.replace(" ", "-") / version
                    work.mkdir(parents=True)
                    known = replace(client, environ={**client.environ, **server.environ})
                    yield client, version, None if client.missing else known.run(server.url, version, work)


def main() -> int:
    """Print the table; returns 1 if a client failed."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--versions", default=",".join(VERSIONS))
    parser.add_argument("--only", default="", help="part of a client's name")
    parser.add_argument("--day", action="store_true", help="the day of a client: queries, pages, a run")
    parser.add_argument("--all", action="store_true", help="a client that is not installed is a failure")
    parser.add_argument("--through", choices=FRONTS, default="plain", help="what stands in front of the service")
    arguments = parser.parse_args()
    every = DAY_CLIENTS if arguments.day else (*PYTHON_CLIENTS, *OTHER_CLIENTS)
    clients = [client for client in every if arguments.only.lower() in client.name.lower()]
    failures = 0
    rows = day_results(clients) if arguments.day else results(clients, arguments.versions.split(","), arguments.through)
    for client, version, problems in rows:
        state = f"not installed: {', '.join(client.missing)}" if problems is None else "; ".join(problems) or "ok"
        failures += bool(problems) or (problems is None and arguments.all)
        sys.stdout.write(f"{client.name:22} {version:>6}  {state}\n")
        sys.stdout.flush()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
