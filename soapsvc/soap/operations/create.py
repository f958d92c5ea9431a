"""`create`: billing preview runs, and nothing else."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from lxml import etree

from soapsvc.runs import Refusal, RunProblem, RunRefused, RunRequest, create_run
from soapsvc.soap import ns
from soapsvc.soap.contract import CanonicalBody
from soapsvc.soap.frame import InvalidType, RowError, TooManyRequests
from soapsvc.soap.operations.call import Call, Run
from soapsvc.soap.operations.reader import Reader
from soapsvc.soap.reading import Fields, records, xsd_boolean
from soapsvc.soap.writing import Saved, create_answer
from soapsvc.tenant.users import User
from soapsvc.web.sessions import Sessions

OBJECT = "BillingPreviewRun"
_MOST_OBJECTS = 50
_CODES = {
    Refusal.INVALID: "INVALID_VALUE",
    Refusal.RULE: "INVALID_VALUE",
    Refusal.LOCKED: "LOCK_COMPETITION",
    Refusal.LIMIT: "REQUEST_EXCEEDED_LIMIT",
    Refusal.NOT_FOUND: "INVALID_VALUE",
    Refusal.PERMISSION: "NO_PERMISSION",
}
_BATCHES = ("Batch", "Batches")
"""The names of the field in all versions. Either is read in each: a run of all batches is not what was asked for."""
_SETTLED = RowError(
    "NO_PERMISSION", "A BillingPreviewRun cannot be created over SOAP under Invoice Settlement; create it over REST."
)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A requested run; with `errors` there is no `request`."""

    request: RunRequest | None
    errors: tuple[RowError, ...] = ()


@dataclass(frozen=True, slots=True)
class Create:
    """The operation. Objects are created one by one; a refused one does not affect the others."""

    reader: Reader
    sessions: Sessions

    def prepare(self, call: Call, body: CanonicalBody) -> Run:
        """Read the objects."""
        now, _ = self.reader.now()
        try:
            _check(call)
        except (TooManyRequests, InvalidType) as fault:
            return partial(self._refuse, call, fault)
        reading = self.reader.reading(now, call.shape)
        wanted = [_read(Fields(node, OBJECT, reading, _BATCHES), body) for node in records(call.node, "zObjects")]
        return partial(self._run, call, wanted)

    def _refuse(self, call: Call, fault: TooManyRequests | InvalidType) -> Iterable[bytes]:
        self.sessions.user(call.session)
        raise fault

    def _run(self, call: Call, wanted: Sequence[_Wanted]) -> Iterable[bytes]:
        user = self.sessions.user(call.session)
        names = {field.name for field in call.shape.fields(OBJECT)}
        return [create_answer(call.soap, [self._create(each, user, names) for each in wanted])]

    def _create(self, wanted: _Wanted, user: User, names: Container[str]) -> Saved:
        if wanted.request is None:
            return Saved(errors=wanted.errors)
        now, current = self.reader.now()
        if current.settings.rules.get("invoice_settlement") is True:
            return Saved(errors=(_SETTLED,))
        try:
            return Saved(create_run(self.reader.store, wanted.request, user, now).id)
        except RunRefused as refused:
            return Saved(errors=tuple(_row_error(problem, names) for problem in refused.problems))


def _check(call: Call) -> None:
    objects = call.node.children
    if len(objects) > _MOST_OBJECTS:
        raise TooManyRequests(f"The call has {len(objects)} objects; one call may have at most {_MOST_OBJECTS}.")
    for index, child in enumerate(objects):
        if child.xsi_type != OBJECT:
            raise InvalidType(f"zObjects[{index}] is a {child.xsi_type or 'zObject'}; only {OBJECT} can be created")


def _read(fields: Fields, body: CanonicalBody) -> _Wanted:
    element = etree.SubElement(body.element, f"{{{ns.API}}}zObjects", nsmap={"o": ns.OBJECT})
    element.set(f"{{{ns.XSI}}}type", f"o:{OBJECT}")
    target_date = fields.target_date()
    exclude = fields.exclude()
    drafts, evergreen = fields.boolean("IncludingDraftItems"), fields.boolean("IncludingEvergreenSubscription")
    renewal = fields.assume_renewal()
    batches = tuple(dict.fromkeys(name for field in _BATCHES for name in fields.names(field)))
    values = {
        "AssumeRenewal": renewal.value,
        **dict.fromkeys(_BATCHES, ",".join(batches) or None),
        "ChargeTypeToExclude": ",".join(exclude) or None,
        "IncludingDraftItems": xsd_boolean(drafts),
        "IncludingEvergreenSubscription": xsd_boolean(evergreen),
        "TargetDate": fields.date_text(target_date),
    }
    fields.put_into(element, ns.OBJECT, values)
    if fields.errors or target_date is None:
        return _Wanted(None, tuple(fields.errors))
    request = RunRequest(
        target_date,
        assume_renewal=renewal,
        batches=batches,
        exclude=exclude,
        including_draft_items=drafts,
        including_evergreen_subscription=evergreen,
    )
    return _Wanted(request)


def _row_error(problem: RunProblem, names: Container[str]) -> RowError:
    """The problem as a row error, with the field's name in this version, if there is a field."""
    field = problem.field and problem.field[0].upper() + problem.field[1:]
    known = (name for name in (field, "Batch" if field == "Batches" else None) if name in names)
    return RowError(_CODES[problem.kind], problem.message, next(known, None))
