"""The packages as `make dist` makes them: the sdist from the tree, the wheel from the sdist."""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest


def build(target: str, tree: Path, folder: Path) -> Path:
    """Build a package of the source tree with the installed tools; return its file."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(command, cwd=tree, check=True, capture_output=True, timeout=120)
    (file,) = folder.iterdir()
    return file


@pytest.fixture(scope="session")
def sdist(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the source archive."""
    return build("sdist", root, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="session")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel."""
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked, filter="data")
    (tree,) = unpacked.iterdir()
    return build("wheel", tree, tmp_path_factory.mktemp("wheel"))
