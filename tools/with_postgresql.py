"""Run a command with a PostgreSQL server of its own: `with_postgresql.py COMMAND…`.

The server lives in a temporary folder, listens only on a Unix socket there, and ends with the command. The command
finds its URL in the environment variable SOAPSVC_TEST_POSTGRESQL. The server's programs come from Debian's package
`postgresql` or any other installation. PostgreSQL does not run as root, so root runs it as the user `postgres`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "SOAPSVC_TEST_POSTGRESQL"
SERVICE_USER = "postgres"
DEBIAN = Path("/usr/lib/postgresql")
# A natural-language order, unlike SQLite and Python: columns that rely on the order of text must define it.
SORTING = ["--locale-provider=icu", "--icu-locale=en-US"]
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


def main(command: list[str]) -> int:
    """Run the command; returns its exit code."""
    if not command:
        sys.exit("usage: with_postgresql.py COMMAND...")
    with tempfile.TemporaryDirectory(prefix="soapsvc-postgresql-") as name, server(Path(name)) as url:
        return subprocess.run(command, env={**os.environ, VARIABLE: url}, check=False).returncode  # noqa: S603


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A server in `folder`; yields its URL, as SQLAlchemy reads it."""
    programs = find_programs()
    data, user = folder / "data", SERVICE_USER if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(data), *arguments]
        subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603

    run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", *SORTING)
    options = ["listen_addresses=", f"unix_socket_directories={folder}", "max_connections=200", *FAST]
    settings = " ".join(f"-c {option}" for option in options)
    run("pg_ctl", "--wait", "--log", str(folder / "log"), "-o", settings, "start")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run("pg_ctl", "--wait", "--mode=immediate", "stop")


def find_programs() -> Path:
    """The folder of the newest PostgreSQL server here; on Debian, root installs one if there is none."""
    if (found := installed()) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", "postgresql"]):
            subprocess.run(["apt-get", *step], env=environment, check=True)  # noqa: S603, S607
        found = installed()
    if found is None:
        sys.exit("no PostgreSQL server was found: install the package postgresql, or put initdb on the PATH")
    return found


def installed() -> Path | None:
    """The folder that holds initdb: the one on the PATH, else Debian's with the highest version."""
    if (program := shutil.which("initdb")) is not None:
        return Path(program).parent
    versions = [path for path in DEBIAN.glob("*/bin") if path.parent.name.isdigit() and (path / "initdb").exists()]
    return max(versions, key=lambda path: int(path.parent.name), default=None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
