"""Check that the published contracts are byte for byte what wsdl/SHA256SUMS says; ``--update`` rewrites that file.

Clients generate code from these files, so a change must be intended: make it, run ``make wsdl-update``, and describe
its effect on clients in CHANGELOG.md. The format is that of ``sha256sum``.
"""

import sys
from hashlib import sha256
from pathlib import Path

WSDL_DIR = Path("wsdl")


def checksums(folder: Path) -> str:
    """Return one ``sha256sum`` line for each WSDL file in ``folder``, in the order of their names."""
    files = sorted(folder.glob("*.wsdl"))
    return "".join(f"{sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)


def changes(recorded: str, actual: str) -> list[str]:
    """Return one sentence for each file that differs from its record, has no record, or is missing."""
    before, after = _by_name(recorded), _by_name(actual)
    sentences = []
    for name in sorted({*before, *after}):
        if name not in before:
            sentences.append(f"{name} is not recorded")
        elif name not in after:
            sentences.append(f"{name} is gone")
        elif before[name] != after[name]:
            sentences.append(f"{name} has changed")
    return sentences


def _by_name(lines: str) -> dict[str, str]:
    pairs = (line.split("  ") for line in lines.splitlines())
    return {name: checksum for checksum, name in pairs}


def main() -> int:
    """Check, or with ``--update`` record, the contracts of the working directory; return the exit status."""
    record = WSDL_DIR / "SHA256SUMS"
    actual = checksums(WSDL_DIR)
    if "--update" in sys.argv[1:]:
        record.write_text(actual, encoding="ascii")
        return 0
    found = changes(record.read_text(encoding="ascii"), actual)
    for sentence in found:
        print(f"wsdl: {sentence}; if that is meant, run `make wsdl-update`", file=sys.stderr)
    return 1 if found or not actual else 0


if __name__ == "__main__":
    sys.exit(main())
