"""Writes the bill of materials of the running service (CycloneDX 1.6), and checks the licences of its parts.

Usage: python tools/sbom.py FILE. The parts are the packages that requirements.txt pins; their versions and licences are
those installed for this interpreter.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
ALLOWED = re.compile(
    r"MIT|MIT-0|BSD|[023]-clause|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|LGPL|Lesser General Public|"
    r"Unlicense|Public Domain|Zlib|CC0|New BSD|CNRI",
    re.IGNORECASE,
)
"""Licences of packages that may be used with Apache-2.0 code without adding terms to it."""


def main(file: str) -> int:
    """Write the bill; returns 1 if a licence is missing or not allowed."""
    program = Path(sys.executable).parent / "cyclonedx-py"
    options = ("--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible", "--no-validate", sys.executable)
    made = subprocess.run([program, "environment", *options], check=True, stdout=subprocess.PIPE)  # noqa: S603
    bill = json.loads(made.stdout)
    pinned = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE))
    bill["components"] = [each for each in bill["components"] if _name(each) in pinned]
    kept = {each["bom-ref"] for each in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    bill["dependencies"] = [
        {**each, "dependsOn": [ref for ref in each.get("dependsOn", ()) if ref in kept]}
        for each in bill["dependencies"]
        if each["ref"] in kept
    ]
    Path(file).write_text(json.dumps(bill, indent=1) + "\n", encoding="utf-8")
    odd = [(each["name"], _licences(each)) for each in bill["components"] if not ALLOWED.search(_licences(each))]
    for name, said in odd:
        print(f"{name}: {said or 'no licence is told'}: not one of those that are allowed", file=sys.stderr)
    for each in bill["components"]:
        print(f"{each['name']} {each['version']}: {_licences(each)}")
    return 1 if odd else 0


def _name(component: dict[str, Any]) -> str:
    return re.sub(r"[-_.]+", "-", component["name"]).lower()


def _licences(component: dict[str, Any]) -> str:
    said = []
    for each in component.get("licenses", ()):
        licence = each.get("license", {})
        said.append(each.get("expression") or licence.get("id") or licence.get("name") or "")
    return ", ".join(dict.fromkeys(filter(None, said)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
