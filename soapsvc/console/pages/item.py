"""The explanation of one item's amount, at an address of its own."""

from __future__ import annotations

from soapsvc.console.asked import previewed, read_account, read_asked
from soapsvc.console.frame import Answer, Visit, not_found
from soapsvc.figures.beginnings import beginnings
from soapsvc.figures.lines import notes_about


def show(visit: Visit) -> Answer:
    """The item with the number `n` of the preview that the address describes."""
    account = read_account(visit)
    asked = read_asked(visit, account)
    found = previewed(visit, account, asked, explain=True)
    number = visit.first("n")
    if not (number.isascii() and number.isdigit() and 0 < int(number[:9]) <= len(found.lines)):
        raise not_found("such item in this preview")
    line = found.lines[int(number) - 1]
    return visit.page(
        "item.html",
        {
            "account": account,
            "asked": asked,
            "line": line,
            "reduced": found.lines[line.applied_to - 1] if line.applied_to is not None else None,
            "discounts": [each for each in found.lines if each.applied_to == line.number],
            "beginning": dict(beginnings(account, found.lines)).get(line.number),
            "notes": notes_about(line, found.result.notes),
        },
    )
