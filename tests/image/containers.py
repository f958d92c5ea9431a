"""A container of an image, as a runtime would make it, but with Linux's own means: no runtime is available everywhere.

It has the image's file system, read-only except for /tmp and the volume; a process namespace in which the program is
process 1; its own network; and the user, environment, folder and command that the image names.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The container's outward address, to which a runtime forwards a published port.
ADDRESS = "10.200.0.2"
_SECONDS = 60


@dataclass(frozen=True)
class Image:
    """A built image: its configuration, as Docker names its parts, its size in bytes and that of its base."""

    name: str
    config: dict[str, Any]
    size: int
    base_size: int

    def program(self, root: Path, command: Sequence[str]) -> list[str]:
        """A command as the image's user in the image's folder and environment, to be run from outside its root."""
        user, folder, variables = (self.config[part] for part in ("User", "WorkingDir", "Env"))
        return ["chroot", f"--userspec={user}", str(root), "env", "-i", f"--chdir={folder}", *variables, *command]


@dataclass(frozen=True)
class Container:
    """A running container: its image, its root, and its process 1 as this machine counts."""

    image: Image
    root: Path
    process: subprocess.Popen[str]
    main: int

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the container, as `exec` and health checks do."""
        enter = [
            "nsenter",
            f"--target={self.main}",
            "--net",
            "--pid",
            "--mount",
            *self.image.program(self.root, command),
        ]
        return subprocess.run(enter, capture_output=True, text=True, check=False, timeout=_SECONDS)

    def call_from_outside(self, command: str) -> str:
        """Run a shell command of this machine in the container's network; return what it prints."""
        enter = ["nsenter", f"--target={self.main}", "--net", "bash", "-c", command]
        return subprocess.run(enter, capture_output=True, text=True, check=True, timeout=_SECONDS).stdout

    def read_until(self, start: str) -> str:
        """The program's next line that starts with this text."""
        assert self.process.stdout is not None
        return next(line for line in self.process.stdout if line.startswith(start))

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send process 1 a signal; return the container's exit code."""
        os.kill(self.main, number)
        return self.process.wait(_SECONDS)


@contextmanager
def container(image: Image, volume: Path, *command: str) -> Iterator[Container]:
    """Start a container of the image with a volume as its data, and optionally with another command."""
    name = run("buildah", "from", image.name).strip()
    root = Path(run("buildah", "mount", name).strip())
    try:
        with started(image, root, volume, command or image.config["Cmd"]) as process:
            yield Container(image, root, process, main_process(process))
    finally:
        run("buildah", "rm", name)


@contextmanager
def started(image: Image, root: Path, volume: Path, command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """The process that waits for the container; the container's remaining processes end with it."""
    program = image.program(root, [*image.config["Entrypoint"], *command])
    (data,) = image.config["Volumes"]
    steps = [
        f"ip link set lo up; ip address add {ADDRESS}/32 dev lo",
        f"mount --bind {root} {root}; mount --rbind /dev {root}/dev; mount -t proc proc {root}/proc",
        f"mount -t tmpfs tmpfs {root}/tmp; mount --bind {volume} {root}{data}",  # noqa: S108 - the container's
        f"mount -o remount,bind,ro {root}",
        f"exec {shlex.join(program)}",
    ]
    spaces = ["unshare", "--net", "--pid", "--mount", "--fork", "--kill-child", "bash", "-ec", "\n".join(steps)]
    with subprocess.Popen(spaces, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            # All processes of a container end with its process 1. After a change of the user the kernel no longer
            # signals the end of `unshare` to it, so it is ended separately.
            for child in _children(process):
                os.kill(child, signal.SIGKILL)
            process.kill()


def main_process(waiting: subprocess.Popen[str]) -> int:
    """The id of the process that `unshare` has made and waits for."""
    while not (children := _children(waiting)):
        assert waiting.poll() is None
    return children[0]


def _children(waiting: subprocess.Popen[str]) -> list[int]:
    """None once the process has ended."""
    try:
        return [int(child) for child in Path(f"/proc/{waiting.pid}/task/{waiting.pid}/children").read_text().split()]
    except OSError:
        return []


def run(*command: str | Path, **options: Any) -> str:
    """Run a command; return its output, and show its messages if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800, **options)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout
