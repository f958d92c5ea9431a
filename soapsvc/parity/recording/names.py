"""Names in recordings: kept, or replaced by a keyed hash, which is equal only for equal names."""

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
    matches the one in the items.
    """

    salt: str = ""
    KEPT: ClassVar[Names]

    @property
    def hashed(self) -> bool:
        """Whether names are hidden."""
        return bool(self.salt)

    def shown(self, name: str) -> str:
        """The name in the recording's form; a hidden name is unchanged."""
        if not self.salt or not name or _HIDDEN.fullmatch(name):
            return name
        suffix = _SUFFIXES.search(name)
        plain = name[: suffix.start()] if suffix else name
        digest = hmac(self.salt.encode(), plain.encode("utf-8", "surrogatepass"), sha256).hexdigest()
        return f"~{digest[:_DIGITS]}{name[len(plain) :]}"


Names.KEPT = Names()
