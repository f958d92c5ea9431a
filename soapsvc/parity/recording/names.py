"""Names in recordings: kept, or hidden behind a keyed hash that still tells equal names from unequal ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from hmac import new as hmac
from typing import ClassVar

_HIDDEN = re.compile(r"~[0-9a-f]{16}( -- .*)?")
_SUFFIXES = re.compile(r"( -- (?:Proration Credit|Proration|Credit|Overage))*$")
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Names:
    """How a recording shows names: `salt` is the key of the hash, empty where names are kept.

    The suffixes that billing adds to a charge's name stay readable, so that a hidden charge name in the account's data
    and in the items go together.
    """

    salt: str = ""
    KEPT: ClassVar[Names]

    @property
    def hashed(self) -> bool:
        """Whether names are hidden."""
        return bool(self.salt)

    def shown(self, name: str) -> str:
        """The name as the recording shows it; a hidden name stays as it is."""
        if not self.salt or not name or _HIDDEN.fullmatch(name):
            return name
        suffix = _SUFFIXES.search(name)
        plain = name[: suffix.start()] if suffix else name
        digest = hmac(self.salt.encode(), plain.encode("utf-8", "surrogatepass"), sha256).hexdigest()
        return f"~{digest[:_DIGITS]}{name[len(plain) :]}"


Names.KEPT = Names()
