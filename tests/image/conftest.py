"""The image as `make image` builds it, over a base made by debootstrap.

Base images cannot be pulled everywhere, so the base here is a Debian root under the base's name.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.image.containers import Image, run

REQUESTED = "SOAPSVC_TEST_IMAGE"
TOOLS = ("buildah", "debootstrap", "unshare", "nsenter", "ip", "curl", "chroot")
BASE = "docker.io/library/debian:trixie-slim"
# Files of such a root that Debian's slim images leave out.
NOT_SLIM = (
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "usr/share/info",
    "var/cache/apt",
    "var/lib/apt/lists",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these tests only on request: they make a Debian root, and must run as root."""
    here = Path(__file__).parent
    if REQUESTED not in os.environ:
        for item in items:
            if here in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="make test-image runs it"))


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A separate image storage for these tests, which is removed after them."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    assert not missing, f"these programs are not here: {missing}"
    assert os.geteuid() == 0, "debootstrap and buildah --isolation chroot need to be root"
    folder = tmp_path_factory.mktemp("storage")
    settings = f'[storage]\ndriver = "overlay"\ngraphroot = "{folder}/root"\nrunroot = "{folder}/run"\n'
    (folder / "storage.conf").write_text(settings, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONTAINERS_STORAGE_CONF", str(folder / "storage.conf"))
        yield folder
        run("buildah", "rm", "--all")
        run("buildah", "rmi", "--all", "--force")


@pytest.fixture(scope="session")
def base(storage: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Debian root, under the name of the Containerfile's base image."""
    root = tmp_path_factory.mktemp("debian") / "root"
    run("debootstrap", "--variant=minbase", "trixie", root)
    for part in NOT_SLIM:
        shutil.rmtree(root / part)
    (root.parent / "Containerfile").write_text("FROM scratch\nADD root.tar /\n", encoding="utf-8")
    run("tar", "--create", "--file", root.parent / "root.tar", "--directory", root, ".")
    shutil.rmtree(root)
    run("buildah", "build", "--isolation", "chroot", "--tag", BASE, root.parent)
    return BASE


@pytest.fixture(scope="session")
def image(root: Path, base: str, tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image, built by `make image` with this machine's access to the package index."""
    folder = tmp_path_factory.mktemp("secrets")
    options = []
    if certificate := os.environ.get("PIP_CERT"):
        (folder / "pip.conf").write_text("[global]\ncert = /run/secrets/ca.pem\n", encoding="utf-8")
        options = [f"--secret=id=pip.conf,src={folder / 'pip.conf'}", f"--secret=id=ca.pem,src={certificate}"]
    told = run(
        "make", "image", f"IMAGE_OPTIONS={' '.join(options)}", cwd=root, env={**os.environ, "BUILDER": "buildah"}
    )
    assert "soapsvc" in told
    listed = json.loads(run("buildah", "images", "--json"))
    sizes = {name: size_of(entry) for entry in listed for name in entry["names"] or ()}
    name = "localhost/soapsvc:latest"
    config = json.loads(run("buildah", "inspect", "--type", "image", name))["Docker"]["config"]
    return Image(name, config, sizes[name], sizes[base])


def size_of(entry: dict[str, Any]) -> int:
    """The bytes of an image, which buildah tells in decimal units."""
    number, unit = entry["size"].split()
    return int(float(number) * {"KB": 10**3, "MB": 10**6, "GB": 10**9}[unit])
