"""Compiles the engine with mypyc: beside its sources (`make compiled`), or into a platform wheel (`make dist`).

Hatchling runs the hook for wheels where HATCH_BUILD_HOOK_ENABLE_CUSTOM is set. It needs mypy, setuptools and a C
compiler. Why not hatch-mypyc: docs/dev/compiled.md.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
GROUP = "soapsvc_engine"
"""The name of the library that all compiled modules share."""
PURE = frozenset(f"soapsvc/engine/account/{name}.py" for name in ("model", "charge", "billing_rules", "rating_cache"))
"""Modules that stay as they are: docs/dev/compiled.md says why."""


def sources(root: Path) -> list[str]:
    """The modules that are compiled, as paths below `root`. `__init__` modules have nothing to compile."""
    found = (path.relative_to(root).as_posix() for path in sorted((root / "soapsvc" / "engine").rglob("*.py")))
    return [path for path in found if not path.endswith("/__init__.py") and path not in PURE]


def compile_into(folder: Path, root: Path, optimization: str) -> list[Path]:
    """Compile into `folder`, with the same layout as `root`; returns the paths of the made files below it.

    Raises SystemExit with mypy's messages for a module that cannot be compiled, or with the compiler's messages.
    """
    from mypyc.build import mypycify  # noqa: PLC0415 - who only reads `sources` need not have it
    from setuptools import Distribution  # noqa: PLC0415

    before = Path.cwd()
    os.chdir(root)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            modules = mypycify(
                ["--strict", "--config-file", "pyproject.toml", *sources(root)],
                opt_level=optimization,
                debug_level="0",
                multi_file=True,
                target_dir=scratch,
                group_name=GROUP,
            )
            command = Distribution({"name": GROUP, "ext_modules": modules}).get_command_obj("build_ext")
            command.build_lib, command.build_temp = str(folder), scratch
            command.parallel = len(os.sched_getaffinity(0))
            command.ensure_finalized()
            command.run()
        finally:
            os.chdir(before)
    return sorted(path.relative_to(folder) for path in folder.rglob("*.so"))


class CompiledEngine(BuildHookInterface[Any]):
    """Puts the compiled engine into a wheel, which then fits only this CPython and this platform."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and add the result to the wheel."""
        if version == "editable":
            return
        self._folder = Path(tempfile.mkdtemp())
        made = compile_into(self._folder, Path(self.root), os.environ.get("OPTIMIZATION", "3"))
        build_data["pure_python"], build_data["infer_tag"] = False, True
        build_data["force_include"].update({str(self._folder / path): path.as_posix() for path in made})

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary files of the build."""
        if version != "editable":
            shutil.rmtree(self._folder)


def main() -> None:
    """Compile beside the sources; `--remove` removes the compiled files."""
    for path in [*ROOT.glob(f"{GROUP}__mypyc*.so"), *(ROOT / "soapsvc").rglob("*.so")]:
        path.unlink()
    if "--remove" not in sys.argv[1:]:
        made = compile_into(ROOT, ROOT, os.environ.get("OPTIMIZATION", "3"))
        sys.stdout.write(f"{len(made)} files compiled; `make pure` removes them\n")


if __name__ == "__main__":
    main()
