"""The package that users install carries the published contracts and the demo tenant."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from soapsvc.resources import fixtures_dir, wsdl_dir


@pytest.fixture(scope="module")
def installed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what the wheel holds, as an installer would lay it out."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=root, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


@pytest.mark.parametrize(
    ("folder", "asked"),
    [("wsdl", "wsdl_dir()"), ("openapi", "openapi_file().parent"), ("fixtures", "fixtures_dir()")],
)
def test_the_installed_package_finds_what_it_ships(root: Path, installed: Path, folder: str, asked: str) -> None:
    script = f"import sys; sys.path.insert(0, {str(installed)!r})\nimport soapsvc.resources as r; print(r.{asked})"
    found = subprocess.run(
        [sys.executable, "-c", script], cwd="/", capture_output=True, text=True, check=True, timeout=60
    )
    shipped = Path(found.stdout.strip())
    assert shipped == installed / "soapsvc" / folder
    assert contents(shipped) == contents(root / folder)


def test_a_source_tree_finds_them_at_its_top(root: Path) -> None:
    assert [wsdl_dir(), fixtures_dir()] == [root / "wsdl", root / "fixtures"]


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of each file below ``folder``."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
