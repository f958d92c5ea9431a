"""`create` and `query`: billing preview runs over SOAP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from soapsvc.runs import cancel_run, find_runs
from soapsvc.server import Options, application
from soapsvc.soap.contract import parse_version, shape_of
from soapsvc.tenant import Store, open_tenant
from tests.contract.test_answers_are_valid import schema
from tests.soap.client import API, Reply, Service, envelope, session_header
from tests.soap.conftest import MovableClock
from tests.soap.sample_tenant import NOW, USER, write_sample_tenant

RUN = "<a:zObjects xsi:type='o:BillingPreviewRun'>{}</a:zObjects>"
SELECT = "select"
ALL = f"{SELECT} Id, RunNumber, Status from BillingPreviewRun"


@pytest.fixture
def runs(tmp_path: Path, clock: MovableClock) -> Iterator[tuple[Service, Store]]:
    """The service over a tenant of its own: runs stay in the store."""
    store = open_tenant(write_sample_tenant(tmp_path))
    token = store.create_session(USER, int(NOW.timestamp()) + 900)
    yield Service(application(store, Options(), clock), token), store
    store.close()


def create(service: Service, *objects: str, version: str = "81.0") -> Reply:
    body = f"<a:create>{''.join(objects)}</a:create>"
    return service.post(envelope(body, session_header(service.token)), f"/apps/services/a/{version}")


def run(target_date: str = "2014-12-31", **fields: str) -> str:
    values = {"TargetDate": target_date, **fields}
    return RUN.format("".join(f"<o:{name}>{value}</o:{name}>" for name, value in values.items()))


def query(service: Service, text: str, version: str = "81.0") -> Reply:
    body = f"<a:query><a:queryString>{text}</a:queryString></a:query>"
    return service.post(envelope(body, session_header(service.token)), f"/apps/services/a/{version}")


def cancel(store: Store, key: str) -> None:
    user = store.user(USER)
    assert user is not None
    cancel_run(store, key, user, NOW)


def saved(reply: Reply) -> list[tuple[str | None, list[tuple[str | None, ...]]]]:
    """(Success, errors) of each result."""
    assert reply.status == 200, reply.text
    names = ("Code", "Message", "Field")
    return [
        (
            result.findtext(f"{{{API}}}Success"),
            [tuple(error.findtext(f"{{{API}}}{name}") for name in names) for error in result.iter(f"{{{API}}}Errors")],
        )
        for result in reply.root.iter(f"{{{API}}}result")
    ]


def records(reply: Reply) -> list[dict[str, str | None]]:
    assert reply.status == 200, reply.text
    return [
        {etree.QName(value).localname: value.text for value in record}
        for record in reply.root.iter(f"{{{API}}}records")
        if len(record)
    ]


def test_a_run_is_created_and_found_byte_for_byte(runs: tuple[Service, Store]) -> None:
    service, store = runs
    created = create(service, run(Batch="Batch1"))
    (made,) = find_runs(store)
    head = (
        "<?xml version='1.0' encoding='UTF-8'?>"
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    )
    assert created.text == (
        f'{head}<ns1:createResponse xmlns:ns1="http://api.zuora.com/"><ns1:result><ns1:Id>{made.id}</ns1:Id>'
        "<ns1:Success>true</ns1:Success></ns1:result></ns1:createResponse></soapenv:Body></soapenv:Envelope>"
    )
    assert query(service, f"{ALL} where Id = '{made.id}'").text == (
        f'{head}<ns1:queryResponse xmlns:ns1="http://api.zuora.com/"><ns1:result><ns1:done>true</ns1:done>'
        '<ns1:queryLocator xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="1" />'
        '<ns1:records xsi:type="ns2:BillingPreviewRun" xmlns:ns2="http://object.api.zuora.com/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><ns2:Id>{made.id}</ns2:Id>'
        "<ns2:RunNumber>BPR-00000001</ns2:RunNumber><ns2:Status>Pending</ns2:Status></ns1:records>"
        "<ns1:size>1</ns1:size></ns1:result></ns1:queryResponse></soapenv:Body></soapenv:Envelope>"
    )


@pytest.mark.parametrize(
    ("version", "target"), [("61.0", "2014-12-30"), ("68.0", "2014-12-30"), ("69.0", "2014-12-31")]
)
def test_an_offset_in_a_run_s_target_date_means_what_it_means_in_a_preview(
    runs: tuple[Service, Store], version: str, target: str
) -> None:
    """Midnight in Shanghai is the day before in Los Angeles, where it counts through 68.0."""
    service, store = runs
    assert saved(create(service, run("2014-12-31T00:00:00+08:00"), version=version)) == [("true", [])]
    (made,) = find_runs(store)
    assert made.request.target_date.isoformat() == target


def test_a_query_that_finds_nothing_has_a_nil_record(runs: tuple[Service, Store]) -> None:
    nil = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="1"'
    assert f"<ns1:records {nil} /><ns1:size>0</ns1:size>" in query(runs[0], ALL).text


@pytest.mark.parametrize(
    ("version", "batch", "target_date"),
    [("61.0", "Batch", "2014-12-31T00:00:00"), ("71.0", "Batch", "2014-12-31"), ("113.0", "Batches", "2014-12-31")],
)
def test_every_field_of_a_run_in_the_form_of_the_version(
    runs: tuple[Service, Store], version: str, batch: str, target_date: str
) -> None:
    service, store = runs
    asked = {
        batch: "Batch1",
        "ChargeTypeToExclude": "Usage, OneTime",
        "IncludingEvergreenSubscription": "1",
        "AssumeRenewal": "All",
        "IncludingDraftItems": "true",
    }
    assert saved(create(service, run(**asked), version=version)) == [("true", [])]
    (made,) = find_runs(store)
    assert (made.request.batches, made.request.exclude) == (("Batch1",), ("OneTime", "Usage"))
    assert made.request.assume_renewal.value == ("All" if version == "113.0" else "None")
    assert made.request.including_draft_items == (version == "113.0")
    fields = (
        f"Id,TargetDate,{batch},ChargeTypeToExclude,CreatedDate,CreatedById,EndDate,SucceededAccounts,TotalAccounts"
    )
    (found,) = records(query(service, f"{SELECT} {fields} from BillingPreviewRun", version))
    assert found == {
        "Id": made.id,
        batch: "Batch1",
        "ChargeTypeToExclude": "OneTime,Usage",
        "CreatedById": made.created_by,
        "CreatedDate": "2014-05-28T18:34:49.000+08:00",
        "SucceededAccounts": "0",
        "TargetDate": target_date,
    }


@pytest.mark.parametrize(("version", "shown"), [("61.0", "Batch"), ("112.0", "Batch"), ("113.0", "Batches")])
@pytest.mark.parametrize("given", ["Batch", "Batches"])
def test_a_run_of_a_batch_is_never_one_of_all_whichever_name_a_version_has_for_it(
    runs: tuple[Service, Store], version: str, shown: str, given: str
) -> None:
    """A client that changes only its URL goes on sending the name that it knows."""
    service, store = runs
    assert saved(create(service, run(**{given: "Batch7"}), version=version)) == [("true", [])]
    (made,) = find_runs(store)
    assert made.request.batches == ("Batch7",)
    (found,) = records(query(service, f"{SELECT} {shown} from BillingPreviewRun", version))
    assert found == {shown: "Batch7"}


@pytest.mark.parametrize("version", ["61.0", "69.0", "81.0", "110.0", "113.0"])
def test_answers_are_valid(runs: tuple[Service, Store], version: str) -> None:
    service, store = runs
    shape = shape_of(parse_version(version) or (0, 0))
    fields = ",".join(["Id", *(field.name for field in shape.fields("BillingPreviewRun"))])
    replies = [
        create(service, run(), run("never"), version=version),
        query(service, f"{SELECT} {fields} from BillingPreviewRun", version),
        query(service, f"{ALL} where Status = 'Error'", version),
    ]
    cancel(store, next(find_runs(store)).id)
    replies.append(query(service, f"{SELECT} {fields} from BillingPreviewRun", version))
    for reply in replies:
        assert reply.status == 200
        schema(shape.name).validate(etree.tostring(reply.root[0][0]).decode())


def test_an_error_in_one_object_does_not_affect_the_others(runs: tuple[Service, Store]) -> None:
    service, store = runs
    answers = saved(
        create(
            service,
            run("", Batch="Batch1"),
            run(Batch="Batch1"),
            run("2044-12-31", Batch="Batch2"),
            run(Batch="Nobody"),
            run(Batch="Batch1"),
            run(),
        )
    )
    assert [success for success, _ in answers] == ["false", "true", "false", "false", "false", "false"]
    codes = [[(code, field) for code, _, field in errors] for _, errors in answers]
    assert codes == [
        [("MISSING_REQUIRED_VALUE", "TargetDate")],
        [],
        [("INVALID_VALUE", "TargetDate")],
        [("INVALID_VALUE", "Batch")],
        [("LOCK_COMPETITION", "Batch")],
        [("LOCK_COMPETITION", "Batch")],
    ]
    assert len(list(find_runs(store))) == 1


@pytest.mark.parametrize(
    "claimed", ["<a:zObjects/>", "<a:zObjects xsi:type='o:Account'/>", "<a:zObjects xsi:type='o:zObject'/>"]
)
def test_only_runs_can_be_created(runs: tuple[Service, Store], claimed: str) -> None:
    service, store = runs
    reply = create(service, run(), claimed)
    assert (reply.status, reply.fault[0], reply.fault[2]) == (500, "fns:INVALID_TYPE", "InvalidTypeFault")
    assert list(find_runs(store)) == []


def test_fifty_one_objects_are_too_many(runs: tuple[Service, Store]) -> None:
    reply = create(runs[0], *[run()] * 51)
    assert reply.fault[0] == "fns:MAX_RECORDS_EXCEEDED"


def test_under_invoice_settlement_no_run_is_created(tmp_path: Path, clock: MovableClock) -> None:
    write_sample_tenant(tmp_path)
    with (tmp_path / "tenant.toml").open("a") as toml:
        toml.write("[billing_rules]\ninvoiceSettlement = true\n")
    store = open_tenant(tmp_path)
    service = Service(application(store, Options(), clock), store.create_session(USER, int(NOW.timestamp()) + 9))
    ((success, ((code, _, _),)),) = saved(create(service, run()))
    assert (success, code) == ("false", "NO_PERMISSION")
    store.close()


@pytest.mark.parametrize("call", [lambda service: create(service, run()), lambda service: query(service, ALL)])
def test_a_session_is_needed(runs: tuple[Service, Store], call: object, clock: MovableClock) -> None:
    service, store = runs
    clock.now += timedelta(hours=1)
    reply = call(service)  # type: ignore[operator]
    assert reply.fault == ("fns:INVALID_SESSION", "Invalid session", "UnexpectedErrorFault")
    assert list(find_runs(store)) == []


def test_comparisons_joined_by_and_and_or(runs: tuple[Service, Store]) -> None:
    service, store = runs
    create(service, *(run(Batch=f"Batch{number}") for number in (1, 2, 3)))
    cancel(store, "BPR-00000002")

    def found(where: str) -> list[str | None]:
        return [record["RunNumber"] for record in records(query(service, f"{ALL} where {where}"))]

    assert found("Status = 'Pending'") == ["BPR-00000001", "BPR-00000003"]
    assert found("status='Canceled' OR RunNumber = 'BPR-00000003'") == ["BPR-00000002", "BPR-00000003"]
    assert found("Status = 'Pending' and RunNumber = 'BPR-00000003'") == ["BPR-00000003"]
    assert found("RunNumber = 'BPR-00000002' and Status = 'Pending'") == []
    assert found("Id = 'nobody'") == []


def test_a_malformed_query_is_a_typed_fault(runs: tuple[Service, Store]) -> None:
    reply = query(runs[0], "select Id from productt")
    assert (reply.status, reply.fault) == (
        500,
        ("fns:INVALID_TYPE", "invalid type specified: productt", "MalformedQueryFault"),
    )


def test_the_namespace_of_the_fields_is_free(runs: tuple[Service, Store]) -> None:
    service, _ = runs
    fields = "<o:TargetDate>2014-12-31</o:TargetDate>"
    objects = [RUN.format(fields.replace("o:", prefix)) for prefix in ("o:", "a:", "")]
    assert [success for success, _ in saved(create(service, *objects))] == ["true", "false", "false"]
