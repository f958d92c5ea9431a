"""The wheel carries the contracts and the demo tenant, the sdist the whole tree."""

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from soapsvc.resources import fixtures_dir, wsdl_dir
from tests.packages.conftest import build


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what the wheel holds, as an installer would lay it out."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)  # noqa: S202 - our own wheel
    return folder


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


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not on this machine")
def test_the_sdist_is_the_tree(root: Path, sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this tree is no git repository")
    tracked = {name for name in listed.stdout.split("\0") if name and (root / name).exists()}
    assert names == tracked | {"PKG-INFO"}


def test_the_same_tree_gives_the_same_wheel(root: Path, wheel: Path, tmp_path: Path) -> None:
    assert build("wheel", root, tmp_path).read_bytes() == wheel.read_bytes()


def test_the_platforms_that_the_package_names_are_those_that_are_tested(root: Path, wheel: Path) -> None:
    named = metadata(wheel, "Classifier")
    assert [line for line in named if line.startswith("Operating System")] == ["Operating System :: POSIX :: Linux"]
    found = [
        line.rpartition(" ")[2] for line in named if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", line)
    ]
    low, high = re.findall(
        r"3\.\d+", tomllib.loads((root / "pyproject.toml").read_text())["project"]["requires-python"]
    )
    assert found == [f"3.{minor}" for minor in range(int(low[2:]), int(high[2:]))]


def metadata(wheel: Path, field: str) -> list[str]:
    """Return the values of a field of the wheel's metadata."""
    archive = zipfile.ZipFile(wheel)
    (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    head = archive.read(name).decode().partition("\n\n")[0]
    return re.findall(rf"^{field}: (.*)$", head, re.MULTILINE)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of each file below ``folder``."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
