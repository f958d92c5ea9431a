"""The container image: it answers on its port, is not run as root, keeps its data in a volume, and stops when asked."""

from __future__ import annotations

import os
import re
import shutil
import signal
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from soapsvc.resources import fixtures_dir
from tests.image.containers import ADDRESS, Container, Image, container

# The first of them makes a Debian root and the image: a quarter of an hour where others use the machine as well.
pytestmark = pytest.mark.timeout(3600)

PORT = 8080
DATABASE = "sqlite:////data/tenant.sqlite"
OUTWARD = ("--host", "0.0.0.0")  # noqa: S104 - the container's own network
REQUEST = ("--target-date", "2026-12-31", "--assume-renewal", "All", "--include-evergreen")


@pytest.fixture
def volume(tmp_path: Path, image: Image) -> Path:
    """A new volume, with the owner that a runtime copies from the image."""
    folder = tmp_path / "volume"
    folder.mkdir(mode=0o750)
    os.chown(folder, *map(int, image.config["User"].split(":")))
    return folder


@pytest.fixture
def demo(image: Image, volume: Path) -> Iterator[Container]:
    """A container that runs the image's own command."""
    with container(image, volume) as running:
        yield running


def sample_request(running: Container) -> str:
    """The call that the service prints, sent to the container's outward address."""
    running.read_until(f"listening on http://0.0.0.0:{PORT}")
    call = running.read_until("curl ")
    return running.call_from_outside(re.sub(rf"http://[^/]+:{PORT}", f"http://{ADDRESS}:{PORT}", call))


def health(running: Container) -> int:
    """The exit code of the image's own health check."""
    kind, *command = running.image.config["Healthcheck"]["Test"]
    assert kind == "CMD"
    return running.run(*command).returncode


def test_its_own_command_serves_the_demo_on_port_8080(demo: Container) -> None:
    assert list(demo.image.config["ExposedPorts"]) == [f"{PORT}/tcp"]
    answer = sample_request(demo)
    assert re.findall("<ns2:ChargeAmount>([^<]*)<", answer) == ["0", "10"]


def test_its_health_check_passes_only_while_the_service_answers(image: Image, volume: Path) -> None:
    with container(image, volume, "serve", "--demo", *OUTWARD, "--port", "8081") as elsewhere:
        elsewhere.read_until("listening on ")
        assert health(elsewhere) == 1
    with container(image, volume) as running:
        running.read_until("listening on ")
        assert health(running) == 0


def test_no_process_of_it_is_root(demo: Container) -> None:
    demo.read_until("listening on ")
    script = (
        "import glob; print({l for f in glob.glob('/proc/[0-9]*/status') for l in open(f) if l.startswith('Uid:')})"
    )
    assert demo.run("python", "-c", script).stdout == "{'Uid:\\t10001\\t10001\\t10001\\t10001\\n'}\n"
    assert demo.run("sh", "-c", "id -u; touch /opt/soapsvc/x").returncode == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it(demo: Container, number: signal.Signals) -> None:
    demo.read_until("listening on ")
    assert demo.image.config["StopSignal"] == "SIGTERM"
    assert demo.stop(number) == 0


def test_data_outlives_the_container_in_its_volume(image: Image, volume: Path) -> None:
    shutil.copytree(fixtures_dir(), volume / "tenant")
    with container(image, volume, "import", "/data/tenant", "--database", DATABASE) as importing:
        assert importing.process.wait(60) == 0
    with container(image, volume, "run", "--database", DATABASE, *REQUEST, "--out", "/data/run.zip") as computing:
        assert computing.process.wait(60) == 0
    with zipfile.ZipFile(volume / "run.zip") as archive:
        assert len(archive.read(archive.namelist()[0]).splitlines()) > 100
    with container(image, volume, "serve", "--database", DATABASE, *OUTWARD) as serving:
        serving.read_until("listening on ")
        assert health(serving) == 0


def test_it_adds_python_and_the_packages_of_the_lock_to_its_base(
    image: Image, capsys: pytest.CaptureFixture[str]
) -> None:
    """Debian's Python 40 MB, packages 155 MB (Babel's languages 33, granian 22, SQLAlchemy 28, lxml 12), soapsvc 7."""
    with capsys.disabled():
        print(f"image {image.size / 1e6:.0f} MB, of which the base {image.base_size / 1e6:.0f} MB")  # noqa: T201
    assert image.size - image.base_size < 210 * 10**6
