"""The extensions of a preview request beyond the vendor's fields, and the limits of all previews.

The extensions have the same meaning on both surfaces; only the spelling of their names differs. A client that uses none
of them gets the vendor's answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from soapsvc.engine.result import AssumeRenewal, Note, PreviewRequest
from soapsvc.figures.upcoming import latest_target
from soapsvc.rest.http import Category, Fields, Reason, RestLimits, at_most, count_up_to, names, one_of
from soapsvc.tenant.reading import FieldProblem, flag, text

EXTENSIONS = ("explain", "notes", "asOf", "subscriptionNumbers", "groupBy", "nextInvoices")
"""The names of the extensions in v1."""
_GROUPS = {"invoice": True}
_FIRST_YEAR, _LAST_YEAR = 1970, 2200


@dataclass(frozen=True, slots=True)
class PreviewQuery:
    """The query of a preview.

    `target_date` None asks for the `next_invoices` next invoices, however far away they are. `warnings` are about the
    request itself.
    """

    target_date: date | None
    as_of: datetime
    assume_renewal: AssumeRenewal
    exclude: frozenset[str]
    including_evergreen_subscription: bool
    including_draft_items: bool
    explain: bool
    notes: bool
    subscription_numbers: frozenset[str] | None
    by_invoice: bool
    next_invoices: int | None
    warnings: tuple[Note, ...] = ()

    def up_to(self, day: date) -> PreviewRequest:
        """The engine's request with a target date."""
        return PreviewRequest(
            day,
            self.assume_renewal,
            self.exclude,
            self.including_evergreen_subscription,
            self.including_draft_items,
            self.explain,
            self.subscription_numbers,
        )


@dataclass(frozen=True, slots=True)
class VendorFields:
    """The values of a request's vendor fields; `target` is the name of the target date's field."""

    target: str
    target_date: date | None
    assume_renewal: AssumeRenewal | None
    exclude: frozenset[str] | None
    including_evergreen_subscription: bool | None
    including_draft_items: bool | None


@dataclass(frozen=True, slots=True)
class Extensions:
    """Reads the extensions; `spell` turns a v1 name into that of the surface."""

    limits: RestLimits
    now: datetime
    spell: Callable[[str], str] = str

    def names(self) -> list[str]:
        """The names of all parameters of a query."""
        return [self.spell(name) for name in EXTENSIONS]

    def preview_query(self, fields: Fields, vendor: VendorFields, *, strict: bool) -> PreviewQuery:
        """The query of the whole request; raises Refused with all its problems."""
        as_of = fields.get(self.spell("asOf"), lambda value: instant(value, self.now.tzinfo)) or self.now
        numbers = fields.get(self.spell("subscriptionNumbers"), at_most(self.limits.subscription_numbers, names))
        next_invoices = fields.get(self.spell("nextInvoices"), count_up_to(self.limits.next_invoices))
        by_invoice = fields.get(self.spell("groupBy"), one_of(_GROUPS)) or next_invoices is not None
        explain = fields.get("explain", flag) or False
        notes = fields.get("notes", flag) or explain
        self._check_target(fields, vendor, as_of.date(), is_open=next_invoices is not None)
        fields.check(strict=strict)
        return PreviewQuery(
            vendor.target_date,
            as_of,
            vendor.assume_renewal or AssumeRenewal.NONE,
            vendor.exclude or frozenset(),
            including_evergreen_subscription=vendor.including_evergreen_subscription or False,
            including_draft_items=vendor.including_draft_items or False,
            explain=explain,
            notes=notes,
            subscription_numbers=None if numbers is None else frozenset(numbers),
            by_invoice=by_invoice,
            next_invoices=next_invoices,
            warnings=tuple(_warning(reason) for reason in fields.unknown()),
        )

    def _check_target(self, fields: Fields, vendor: VendorFields, today: date, *, is_open: bool) -> None:
        if vendor.target_date is None:
            if not is_open:
                fields.require(vendor.target)
        elif vendor.target_date > latest_target(today, self.limits.preview_years):
            years = self.limits.preview_years
            message = f"'{vendor.target}' is {vendor.target_date}, more than {years} years after {today}."
            fields.refuse(vendor.target, message, Category.INVALID_VALUE)


def instant(value: object, zone: tzinfo | None) -> datetime:
    """A dateTime, or a date for its first moment; in `zone` where it has no offset, else converted to it."""
    written = text(value)
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise FieldProblem("", f"is {written[:40]!r}, not a dateTime such as 2024-01-31T08:30:00+01:00") from error
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise FieldProblem("", f"is in the year {found.year}; the year must be {_FIRST_YEAR} to {_LAST_YEAR}")
    return found.replace(tzinfo=zone) if found.tzinfo is None else found.astimezone(zone)


def _warning(reason: Reason) -> Note:
    return Note("warning", "UNKNOWN_FIELD", f"{reason.message} It was ignored.")
