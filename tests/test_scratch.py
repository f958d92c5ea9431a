"""Folders for temporary files go with the process that made them. If it was killed, the next one removes them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from soapsvc.resources import fixtures_dir
from soapsvc.scratch import ScratchFolder
from tests.server.listening.test_stopping import children, get
from tests.support.machine import is_running
from tests.support.server import serving
from tests.support.until import until

KILLED = "import os; from soapsvc.scratch import ScratchFolder; ScratchFolder(); os.kill(os.getpid(), 9)"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files of this process and of those that it starts."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    return folder


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def test_a_folder_is_there_as_long_as_it_is_used(temporary: Path) -> None:
    with ScratchFolder("rows-") as folder:
        assert names(temporary) == {folder.name}
        assert folder.name.startswith("soapsvc-rows-")
    assert names(temporary) == set()


def test_what_a_killed_process_left_is_removed_by_the_next_folder(temporary: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED], check=False)
    assert len(names(temporary)) == 1
    with ScratchFolder() as folder:
        assert names(temporary) == {folder.name}


def test_the_folder_of_a_living_process_and_of_what_it_has_forked_stays(temporary: Path) -> None:
    """The maker is killed, and a process that it forked keeps the folder until it also ends."""
    program = (
        "import os, sys; from soapsvc.scratch import ScratchFolder; ScratchFolder(); forked = os.fork();\n"
        "if forked: os.kill(os.getpid(), 9)\n"
        "print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        used = names(temporary)
        with ScratchFolder() as folder:
            assert names(temporary) == used | {folder.name}
    until(lambda: _left_by_the_next(temporary) == set(), "a folder without anybody who uses the other one")


def _left_by_the_next(temporary: Path) -> set[str]:
    with ScratchFolder() as folder:
        return names(temporary) - {folder.name}


def test_what_has_no_lock_is_not_ours_to_judge(temporary: Path) -> None:
    (temporary / "soapsvc-notes").mkdir()
    (temporary / "soapsvc-notes" / "owned").touch()
    (temporary / "soapsvc-file").touch()
    (temporary / "soapsvc-link").symlink_to(temporary / "soapsvc-notes")
    with ScratchFolder() as folder:
        assert names(temporary) == {"soapsvc-notes", "soapsvc-file", "soapsvc-link", folder.name}


def test_a_link_in_the_place_of_the_lock_is_not_followed(temporary: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").touch()
    (temporary / "soapsvc-planted").mkdir()
    (temporary / "soapsvc-planted" / "owned.lock").symlink_to(tmp_path / "elsewhere")
    with ScratchFolder() as folder:
        assert names(temporary) == {"soapsvc-planted", folder.name}


def test_a_service_that_was_killed_leaves_no_tenant_behind_once_the_next_has_started(
    temporary: Path, tmp_path: Path
) -> None:
    options = ("--tenant", str(fixtures_dir()), "--workers", "2")
    with serving(tmp_path / "log", *options) as killed:
        get(killed)
        workers = children(killed.process.pid)
        killed.process.kill()
        killed.process.wait(30)
        until(lambda: not any(is_running(pid) for pid in workers), "the end of the workers")
    left = names(temporary)
    assert any((temporary / each / "tenant.sqlite").is_file() for each in left)
    with serving(tmp_path / "log", *options) as server:
        get(server)
        assert not left & names(temporary)
    assert names(temporary) == set()


@pytest.mark.skipif(os.geteuid() != 0, reason="it needs root, to make a folder of somebody else")
def test_root_removes_no_folder_of_somebody_else(temporary: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED], check=False)
    (abandoned,) = temporary.iterdir()
    os.chown(abandoned, 65534, 65534)
    with ScratchFolder():
        assert abandoned.is_dir()
