"""The environment has the versions of the lock, not later releases of the registry."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


def release(index: Path, name: str, version: str, *requires: str, extras: tuple[str, ...] = ()) -> str:
    """Publish a wheel with nothing in it in the folder ``index``; returns its pin, with its hash."""
    file = index / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        *(f"Provides-Extra: {extra}" for extra in extras),
        *(f"Requires-Dist: {requirement}" for requirement in requires),
    ]
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr(f"{about}/METADATA", "\n".join(metadata) + "\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an empty virtual environment."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=120)
    return folder / "bin" / "python"


def run(environment: Path, index: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command in the environment, with ``index`` as the only registry."""
    variables = {
        "PATH": f"{environment.parent}:/usr/local/bin:/usr/bin:/bin",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(index),
    }
    return subprocess.run(command, capture_output=True, text=True, env=variables, check=False, timeout=120)


def test_newer_releases_of_everything_change_nothing(root: Path, tmp_path: Path, environment: Path) -> None:
    """The lock is some versions old: each package, and what its extra asks for, has come out anew.

    `plugin` asks for an extra of `measure`: pip's own resolver would look that up again, and find a release that the
    lock has no hash of.
    """
    index = tmp_path / "index"
    index.mkdir()
    lock = [
        release(index, "plugin", "1.0", "measure[toml]>=1.0"),
        release(index, "measure", "1.0", 'reader>=1.0 ; extra == "toml"', extras=("toml",)),
        release(index, "reader", "1.0"),
    ]
    release(index, "plugin", "2.0", "measure[toml]>=2.0")
    release(index, "measure", "2.0", 'reader>=2.0 ; extra == "toml"', extras=("toml",))
    release(index, "reader", "2.0", "surprise")
    release(index, "surprise", "1.0")
    (tmp_path / "lock.txt").write_text("\n".join(lock))

    done = run(environment, index, root / "tools" / "install_lock.sh", environment, tmp_path / "lock.txt")

    assert (done.returncode, done.stderr) == (0, "")
    frozen = run(environment, index, environment, "-m", "pip", "freeze").stdout.split()
    assert frozen == ["measure==1.0", "plugin==1.0", "reader==1.0"]
    assert run(environment, index, environment, "-m", "pip", "check").returncode == 0


def test_a_package_that_is_not_the_one_that_was_locked_is_refused(
    root: Path, tmp_path: Path, environment: Path
) -> None:
    index = tmp_path / "index"
    index.mkdir()
    (tmp_path / "lock.txt").write_text(release(index, "writer", "1.0"))
    release(index, "writer", "1.0", "surprise")

    done = run(environment, index, root / "tools" / "install_lock.sh", environment, tmp_path / "lock.txt")

    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert "writer" not in run(environment, index, environment, "-m", "pip", "freeze").stdout
