"""`python -m tests.golden`: the number of reproduced golden captures, and the differences in the others."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.golden.replay import mismatches
from tests.support.tenants import golden_cases


def main() -> int:
    """Print the count; exit 1 unless all captures are reproduced."""
    cases = golden_cases()
    right = 0
    for path in cases:
        with tempfile.TemporaryDirectory() as folder:
            wrong = mismatches(path, Path(folder) / "tenant")
        right += not wrong
        for line in wrong:
            sys.stdout.write(f"{path.stem}: {line}\n")
    sys.stdout.write(f"{right}/{len(cases)} golden captures reproduced\n")
    return 0 if cases and right == len(cases) else 1


if __name__ == "__main__":
    sys.exit(main())
