"""The wheel, installed by pip where nothing else is, serves, previews, imports and runs."""

import re
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest
from lxml import etree
from packaging.requirements import Requirement

from soapsvc.resources import fixtures_dir
from tests.support.machine import needs_curl
from tests.support.server import serving

SAMPLE_ACCOUNT = "402892154627d9a2014627e1b0b60114"
REQUEST = ["--target-date", "2026-12-31", "--assume-renewal", "All", "--include-evergreen"]
REPEATABLE = ["--seed", "s", "--as-of", "2026-01-15T12:00:00+0000"]


@pytest.fixture(scope="module")
def bare(root: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of a new virtual environment into which pip has installed the wheel.

    pip resolves the wheel's own metadata, and the lock holds it to the versions that are tested. Of Spyne the index has
    no wheel, and the environment has nothing to build one with: it is built beside it.
    """
    folder = tmp_path_factory.mktemp("bare")
    pins = [str(pin) for pin in pinned(root)]
    (folder / "constraints.txt").write_text("\n".join(pins), encoding="utf-8")
    (spyne,) = [pin for pin in pins if pin.startswith("spyne==")]
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder / "wheels", spyne)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True, timeout=120)
    programs = folder / "venv" / "bin"
    into = ["--python", programs / "python", "install", "--no-compile"]
    found = ["--find-links", folder / "wheels", "--only-binary", ":all:", "--constraint", folder / "constraints.txt"]
    pip(*into, *found, wheel)
    return programs


def pip(*arguments: str | Path) -> None:
    """Run pip, and show what it says where it fails."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr


def pinned(root: Path) -> list[Requirement]:
    """Return the pins of the lock that count on this machine."""
    text = re.sub(r" *\\\n *--hash=\S+", "", (root / "requirements.txt").read_text())
    found = [Requirement(line) for line in text.splitlines()]
    return [pin for pin in found if pin.marker is None or pin.marker.evaluate()]


def soapsvc(programs: Path, *arguments: str | Path) -> str:
    """Run the installed program where no source tree is near; return what it prints."""
    command = [programs / "soapsvc", *arguments]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_brings_the_packages_of_the_lock_and_no_other(root: Path, bare: Path) -> None:
    script = "from importlib.metadata import distributions as d; print(*{x.metadata['Name'] for x in d()})"
    listed = subprocess.run([bare / "python", "-c", script], capture_output=True, text=True, check=True, timeout=60)
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in listed.stdout.split()}
    assert names == {"soapsvc", *(pin.name for pin in pinned(root))}


@needs_curl
def test_it_serves_the_demo_tenant(bare: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "log", "--demo", program=bare / "soapsvc") as server:
        call = next(line for line in iter(lambda: server.read_lines(1)[0], "") if line.startswith("curl "))
        answer = subprocess.run(["bash", "-c", call], capture_output=True, timeout=60, check=True).stdout
        wsdl = urllib.request.urlopen(server.endpoint("61.0") + "?wsdl", timeout=30).read()  # noqa: S310
        reference = urllib.request.urlopen(f"{server.url}/docs", timeout=30).read()  # noqa: S310
    amounts = etree.fromstring(answer).findall(".//{*}ChargeAmount")
    assert [amount.text for amount in amounts] == ["0", "10"]
    assert etree.fromstring(wsdl).tag == "{http://schemas.xmlsoap.org/wsdl/}definitions"
    assert b"billing-preview" in reference


def test_it_previews_the_demo_tenant_that_it_ships(bare: Path) -> None:
    here = Path(sys.executable).parent
    command = ["preview", "--tenant", fixtures_dir(), "--account-id", SAMPLE_ACCOUNT, *REQUEST, "--explain"]
    printed = soapsvc(bare, *command)
    assert "A-S00000021" in printed
    assert printed == soapsvc(here, *command)


def test_it_imports_and_runs(bare: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tenant.sqlite'}"
    soapsvc(bare, "import", fixtures_dir(), "--database", url)
    soapsvc(bare, "run", "--database", url, *REQUEST, *REPEATABLE, "--out", tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        items = archive.read(archive.namelist()[0]).decode().splitlines()
    assert len(items) > 100
