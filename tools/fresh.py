"""Runs the README's two commands as a new user would: in new Debian roots that have only Python and make.

Usage: fresh.py [--only serve|test] SUITE[:VERSION] ...

`bookworm` uses the suite's own Python, `sid:3.15` installs only python3.15. Each root is made with debootstrap
in a temporary folder, gets a clone of HEAD, and is removed afterwards, together with its processes. From this machine
it takes only the access to the registries: name resolution, certificates, proxies, pip's index. Needs root.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

CHECKOUT = Path(__file__).resolve().parent.parent
FOLDER = "/home/user/soapsvc"
USER = "1000:1000"
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
PASSED_ON = re.compile(r"(?i)https?_proxy|no_proxy|PIP_INDEX_URL|PIP_CERT|PIP_DEFAULT_TIMEOUT|SSL_CERT_FILE")
# The mounts and processes of a command end with it, however it ends.
CONFINED = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
START_SECONDS = 900
STOP_SECONDS = 10
SAMPLE_ACCOUNT = "402892154627d9a2014627e1b0b60114"


@dataclass(frozen=True)
class Suite:
    """A Debian suite, and the CPython to install there unless it is the suite's own."""

    name: str
    version: str = ""

    @classmethod
    def parse(cls, text: str) -> Suite:
        """Read `sid` or `sid:3.15`."""
        return cls(*text.split(":", 1))

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()

    @property
    def packages(self) -> list[str]:
        """The packages of a new user: Python, make, and certificates for the registry."""
        return [f"python{self.version or '3'}-venv", "make", "ca-certificates"]


@contextmanager
def new_root(suite: Suite, log: IO[str]) -> Iterator[Path]:
    """A new Debian root with a clone of HEAD in its user's home; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"fresh-{suite.name}-"))
    root = folder / "root"
    include = f"--include={','.join(suite.packages)}"
    try:
        command = ["debootstrap", "--variant=minbase", include, suite.name, str(root), *mirror()]
        subprocess.run([*CONFINED, "--mount-proc", *command], check=True, stdout=log, stderr=log)
        for file in ("etc/resolv.conf", "etc/hosts", CERTIFICATES):
            if Path("/", file).exists():
                shutil.copyfile(Path("/", file), root / file)
        home = root / "home/user"
        subprocess.run(["git", "clone", "-q", f"file://{CHECKOUT}", str(home / "soapsvc")], check=True)
        subprocess.run(["chown", "-R", USER, str(home)], check=True)
        yield root
    finally:
        shutil.rmtree(folder)


def mirror() -> list[str]:
    """The address of this machine's own Debian mirror, if it is a Debian."""
    asked = ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"]
    try:
        lines = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return []
    return lines[:1]


def environment() -> dict[str, str]:
    """The environment variables for access to the registries, and no others of this machine."""
    passed_on = {name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)}
    asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    index = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return {
        "HOME": "/home/user",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        **({"PIP_INDEX_URL": index} if index else {}),
        **passed_on,
    }


@contextmanager
def started(root: Path, command: str, log: IO[str]) -> Iterator[subprocess.Popen[str]]:
    """Start a shell command in the clone, as the root's user; at the end it and all its processes end."""
    variables = [f"{name}={value}" for name, value in environment().items()]
    inside = ["env", "-i", *variables, "/bin/bash", "-c", f"cd {FOLDER} && {command}; exit $?"]
    script = (
        f"mount -t proc proc {root}/proc && mount -t tmpfs tmpfs {root}/dev/shm && "
        f"exec chroot --userspec={USER} {root} {shlex.join(inside)}"
    )
    process = subprocess.Popen(
        [*CONFINED, "/bin/bash", "-c", script],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[str]) -> None:
    """Kill a command of `CONFINED` with all its processes, and wait until the last one has ended.

    Its child ends last, after all other confined processes. After killing only the command itself, files might still be
    written.
    """
    try:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    except OSError:
        children = []
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)
    if not children:
        process.kill()
    process.wait()


def serve(root: Path, log: IO[str]) -> str:
    """`make serve`: seconds to the first answer, and to the end after Ctrl-C."""
    began = time.monotonic()
    with started(root, "make serve PORT=0", log) as process:
        url = listening(process, began)
        items = ask(url)
        ready = time.monotonic() - began
        if items != ["0", "10"]:
            raise SystemExit(f"the sample request is answered with {items}, not with 0 and 10")
        os.killpg(process.pid, signal.SIGINT)
        stopping = time.monotonic()
        process.wait(STOP_SECONDS)
        return f"first answer after {ready:.0f} s, stopped in {time.monotonic() - stopping:.1f} s"


def listening(process: subprocess.Popen[str], began: float) -> str:
    """The URL that the server prints when it is ready."""
    assert process.stdout is not None  # noqa: S101 - for the type checker
    for line in process.stdout:
        if line.startswith("listening on "):
            return line.removeprefix("listening on ").strip()
        if time.monotonic() - began > START_SECONDS:
            break
    raise SystemExit("make serve does not say where it listens")


def ask(url: str) -> list[str]:
    """Log in and ask for the sample of the vendor's documentation; returns the amounts of its items."""
    api = 'xmlns="http://api.zuora.com/"'
    session = post(url, "", f"<login {api}><username>demo@example.com</username><password>demo</password></login>")
    token = found(r"Session>([^<]+)<", session)[0]
    header = f"<SessionHeader {api}><session>{token}</session></SessionHeader>"
    request = (
        f"<billingPreview {api}><requests><AccountId>{SAMPLE_ACCOUNT}</AccountId>"
        "<ChargeTypeToExclude>OneTime,Recurring</ChargeTypeToExclude><TargetDate>2014-06-01T19:18:09</TargetDate>"
        "<IncludingEvergreenSubscription>true</IncludingEvergreenSubscription></requests></billingPreview>"
    )
    return found(r"ChargeAmount>([^<]+)<", post(url, header, request))


def post(url: str, header: str, body: str) -> str:
    """Send a SOAP message to the 61.0 endpoint; returns the answer."""
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    message = f'<e:Envelope xmlns:e="{soap}"><e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>'
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{url}/apps/services/a/61.0", message.encode(), {"Content-Type": "text/xml"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        text: str = answer.read().decode()
    return text


def found(pattern: str, text: str) -> list[str]:
    """The text that the pattern finds; exits with the whole text if it finds nothing."""
    values = re.findall(pattern, text)
    if not values:
        raise SystemExit(f"no {pattern} in {text}")
    return values


def test(root: Path, log: IO[str]) -> str:
    """`make test`: pytest's last line, and the seconds with the set-up."""
    began = time.monotonic()
    last = ""
    with started(root, "make test", log) as process:
        assert process.stdout is not None  # noqa: S101 - for the type checker
        for line in process.stdout:
            log.write(line)
            last = line.strip() or last
        failed = process.wait() != 0
    if failed:
        raise SystemExit(last)
    return f"{last.strip('= ')}; {time.monotonic() - began:.0f} s with the set-up"


COMMANDS = {"serve": serve, "test": test}


def main() -> None:
    """Run the commands in each root and print a line for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("suites", nargs="+", type=Suite.parse, metavar="SUITE[:VERSION]")
    parser.add_argument("--only", choices=COMMANDS, help="one of the two commands")
    arguments = parser.parse_args()
    # Both end the whole program, and its files are removed. A shell starts background commands with Ctrl-C ignored,
    # and the servers started here would inherit that.
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.default_int_handler)
    failed = []
    for suite in arguments.suites:
        log_file = Path(tempfile.gettempdir()) / f"fresh-{suite.name}{suite.version}.log"
        with log_file.open("w", encoding="utf-8") as log, new_root(suite, log) as root:
            for name in [arguments.only] if arguments.only else COMMANDS:
                try:
                    print(f"{suite}: make {name}: {COMMANDS[name](root, log)}", flush=True)
                except (SystemExit, subprocess.SubprocessError) as error:
                    print(f"{suite}: make {name}: FAILED: {error} (log: {log_file})", flush=True)
                    failed.append(f"{suite}: {name}")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("stopped")
