"""Messages of legacy clients as literal XML: each means the same preview and must get the same answer.

SAMPLE's usage of 2014-05-23..31 is due on 2014-06-01 in Shanghai: one day earlier nothing is.
"""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from soapsvc.server import Options, application
from soapsvc.soap.operations import Offsets
from soapsvc.tenant import Store
from tests.soap.client import API, OBJECT, SOAP11, SOAP12, XSI, Service, envelope, preview, request, session_header
from tests.soap.conftest import MovableClock
from tests.soap.sample_tenant import MONTHLY, RENEWED, SAMPLE

FIELDS = f"<a:AccountId>{SAMPLE}</a:AccountId><a:TargetDate>2014-06-01T19:18:09</a:TargetDate>"

MESSAGES = sorted((Path(__file__).parents[1] / "messages").glob("*.xml"))
"""How each client writes the call; TOKEN and ACCOUNT stand for the session and the account."""


def sizes(service: Service, *requests: str, path: str | None = None) -> list[str | None]:
    return [result.get("Size") for result in service.preview(*requests, path=path).results()]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda path: path.stem)
@pytest.mark.parametrize("version", ["61.0", "71.0", "81.0"])
def test_each_clients_way_to_write_the_call(service: Service, message: Path, version: str) -> None:
    body = message.read_text().replace("TOKEN", service.token).replace("ACCOUNT", SAMPLE)
    (result,) = service.post(body, f"/apps/services/a/{version}").results()
    assert (result.get("Size"), result.errors) == ("2", [])


@pytest.mark.parametrize(
    "children",
    [
        FIELDS,
        FIELDS.replace("a:", "o:"),
        FIELDS.replace("a:", ""),
        f"<a:TargetDate>2014-06-01</a:TargetDate><a:AccountId>{SAMPLE}</a:AccountId>",
        f"<a:AccountId> \n{SAMPLE}\t </a:AccountId><a:TargetDate> 2014-06-01 </a:TargetDate>",
        f"<a:AccountId><![CDATA[{SAMPLE}]]></a:AccountId><a:TargetDate><![CDATA[2014-06-01]]></a:TargetDate>",
        FIELDS.replace(SAMPLE, f"{SAMPLE[:5]}<!-- half --><![CDATA[{SAMPLE[5:]}]]>"),
        f"<a:AccountId>&#52;{SAMPLE[1:]}</a:AccountId><a:TargetDate>2014&#x2D;06-01</a:TargetDate>",
        f"{FIELDS}<a:AssumeRenewal>nonsense</a:AssumeRenewal>",
        f"{FIELDS}<a:Unknown><a:Deep>1</a:Deep></a:Unknown><x:AccountId xmlns:x='urn:x'>1</x:AccountId>",
        f"{FIELDS}<a:ChargeTypeToExclude/><a:IncludingEvergreenSubscription/>",
        f"{FIELDS}<a:ChargeTypeToExclude xsi:nil='true'/><a:IncludingEvergreenSubscription xsi:nil='1'/>",
        f"{FIELDS}<a:ChargeTypeToExclude xsi:nil=' true '>OneTime,Recurring,Usage</a:ChargeTypeToExclude>",
        f"{FIELDS}<a:ChargeTypeToExclude xsi:type='xsd:string' xsi:nil='false'>OneTime</a:ChargeTypeToExclude>",
        f"some text {FIELDS} between",
    ],
)
def test_the_children_of_a_request(service: Service, children: str) -> None:
    assert sizes(service, f"<a:requests>{children}</a:requests>") == ["2"]


@pytest.mark.parametrize("wrapper", ["a:requests", "requests", "o:requests"])
def test_the_namespace_of_requests(service: Service, wrapper: str) -> None:
    assert sizes(service, f"<{wrapper}>{FIELDS}</{wrapper}>") == ["2"]


@pytest.mark.parametrize(
    ("exclude", "size"),
    [
        ("OneTime,Recurring", "2"),
        ("OneTime, Recurring", "2"),
        (" OneTime ,Recurring,OneTime,", "2"),
        ("Usage", "0"),
        ("OneTime,Recurring,Usage", "0"),
    ],
)
def test_charge_types_to_exclude(service: Service, exclude: str, size: str) -> None:
    assert sizes(service, request(SAMPLE, "2014-06-01", ChargeTypeToExclude=exclude)) == [size]


@pytest.mark.parametrize("value", ["true", "TRUE", "True", "1", "false", "FALSE", "False", "0", ""])
def test_spellings_of_a_boolean(service: Service, value: str) -> None:
    assert sizes(service, request(SAMPLE, "2014-06-01", IncludingEvergreenSubscription=value)) == ["2"]


def with_offsets(offsets: Offsets, store: Store, clock: MovableClock, service: Service) -> Service:
    return Service(application(store, Options(offsets=offsets), clock), service.token)


# 2014-06-01 is 2 items, the day before none. Pacific Time is UTC-7 on these days, Shanghai UTC+8:
#   Los Angeles |--- 05-31 ---|--- 06-01 ---|
#   Shanghai            |--- 06-01 ---|
#   UTC              05-31T16:00   06-01T07:00
VENDORS_DAYS = [  # value, through 68.0, from 69.0 on
    ("2014-06-01T00:00:00+08:00", "0", "2"),
    ("2014-06-01T00:00:00Z", "0", "2"),
    ("2014-06-01T06:59:59.999Z", "0", "2"),
    ("2014-06-01T07:00:00Z", "2", "2"),
    ("2014-06-01T00:00:00-07:00", "2", "2"),
    ("2014-06-01T00:00:00-08:00", "2", "2"),
    ("2014-05-31T23:00:00-08:00", "2", "0"),
    ("2014-05-31T24:00:00-07:00", "2", "2"),
    ("2014-06-01Z", "0", "2"),
    ("2014-06-01+08:00", "0", "2"),
    ("2014-06-01-07:00", "2", "2"),
    ("2014-05-31-10:00", "0", "0"),
    ("2014-06-01T00:00:00", "2", "2"),
    ("2014-05-31T23:59:59", "0", "0"),
    ("2014-06-01", "2", "2"),
]


@pytest.mark.parametrize(("target_date", "before", "since"), VENDORS_DAYS)
def test_through_68_an_offset_leads_to_pacific_time_and_from_69_the_day_as_written_counts(
    service: Service, target_date: str, before: str, since: str
) -> None:
    asked = request(SAMPLE, target_date)
    found = {version: sizes(service, asked, path=f"/apps/services/a/{version}") for version in ("61.0", "68.0", "69.0")}
    assert found == {"61.0": [before], "68.0": [before], "69.0": [since]}


def test_pacific_time_has_its_summer(service: Service) -> None:
    """07:30 UTC is 23:30 of the day before in winter (UTC-8), and 00:30 of the same day in summer (UTC-7)."""
    winter = [sizes(service, request(MONTHLY, day)) for day in ("2014-12-01T07:30:00Z", "2014-12-01T08:00:00Z")]
    assert winter == [sizes(service, request(MONTHLY, day)) for day in ("2014-11-30", "2014-12-01")]
    assert winter[0] != winter[1]


# By switch: in Shanghai it is 2014-06-01 (2 items), or still 2014-05-31 (none).
TARGET_DATES = [
    ("2014-06-01", "2"),
    ("2014-05-31", "0"),
    ("2014-06-01T00:00:00", "2"),
    ("2014-06-01T19:18:09", "2"),
    ("2014-05-31T23:59:59.999999999", "0"),
    ("2014-05-31T24:00:00", "2"),
    ("2014-05-31T16:00:00Z", "2"),
    ("2014-05-31T15:59:59.999Z", "0"),
    ("2014-05-31T16:00:00.000+00:00", "2"),
    ("2014-05-31T09:00:00-07:00", "2"),
    ("2014-05-31T08:59:59-07:00", "0"),
    ("2014-06-01T00:00:00-08:00", "2"),
    ("2014-06-01T05:00:00+14:00", "0"),
    ("2014-06-01Z", "2"),
    ("2014-06-01-04:00", "2"),
    ("2014-06-01+09:00", "0"),
]


@pytest.mark.parametrize(("target_date", "size"), TARGET_DATES)
@pytest.mark.parametrize("version", ["61.0", "71.0"])
def test_by_switch_every_form_of_a_target_date_means_the_day_in_the_tenants_zone(
    store: Store, clock: MovableClock, service: Service, target_date: str, size: str, version: str
) -> None:
    converting = with_offsets(Offsets.CONVERT, store, clock, service)
    assert sizes(converting, request(SAMPLE, target_date), path=f"/apps/services/a/{version}") == [size]


@pytest.mark.parametrize(
    ("target_date", "size"),
    [("2014-06-01T05:00:00+14:00", "2"), ("2014-05-31T16:00:00Z", "0"), ("2014-06-01+09:00", "2"), ("2014-06-01", "2")],
)
def test_by_switch_a_target_date_means_the_day_as_written(
    store: Store, clock: MovableClock, service: Service, target_date: str, size: str
) -> None:
    as_written = with_offsets(Offsets.AS_WRITTEN, store, clock, service)
    assert sizes(as_written, request(SAMPLE, target_date)) == [size]


NO_DATES = """
    2014-6-1 20140601 01/06/2014 2014-13-01 1401580800 2014-06-01T 2014-06-01T19:18 2014-06-01T25:00:00
    2014-06-01T24:00:01 2014-06-01T23:59:60 2014-06-01T00:00:00+15:00 2014-06-01T00:00:00+0800 0000-01-01 -0001-01-01
    12014-06-01 9999-12-31T24:00:00 0001-01-01T00:00:00+14:00 NaN INF 1e400 \u0662\u0660\u0661\u0664-06-01
"""


@pytest.mark.parametrize("target_date", NO_DATES.split())
def test_a_text_that_is_not_a_date(service: Service, target_date: str) -> None:
    (result,) = service.preview(request(SAMPLE, target_date)).results()
    assert result.errors == [("INVALID_VALUE", f"The target date {target_date} is not a date.", "TargetDate")]


@pytest.mark.parametrize("target_date", ["0001-01-01", "1969-12-31", "0001-01-02T00:00:00+14:00"])
def test_a_target_date_long_ago_is_a_date(service: Service, target_date: str) -> None:
    assert sizes(service, request(SAMPLE, target_date)) == ["0"]


@pytest.mark.parametrize(
    ("version", "renewal", "size"),
    [("80.0", "All", "1"), ("81.0", "All", "4"), ("81.0", "Autorenew", "4"), ("81.0", "None", "1"), ("153.0", "", "1")],
)
def test_assume_renewal_is_read_from_81_on_at_any_position(
    service: Service, version: str, renewal: str, size: str
) -> None:
    """RENEWED bills June within its term, and July, August and September past it."""
    asked = request(RENEWED, "2014-09-01")
    renewal = f"<a:AssumeRenewal>{renewal}</a:AssumeRenewal>"
    first, last = (
        asked.replace("<a:AccountId>", f"{renewal}<a:AccountId>"),
        asked.replace("</a:requests>", f"{renewal}</a:requests>"),
    )
    assert sizes(service, first, last, path=f"/apps/services/a/{version}") == [size, size]


def test_a_renewed_subscription_has_a_throw_away_id(service: Service) -> None:
    asked = request(RENEWED, "2014-09-01", AssumeRenewal="All")
    first, second = service.preview(asked, asked, path="/apps/services/a/81.0").results()
    shown = [{item["SubscriptionId"] for item in result.items} for result in (first, second)]
    assert [len(ids) for ids in shown] == [1, 1]
    assert shown[0] != shown[1]
    assert "40289215bb0000000000000000000004" not in shown[0] | shown[1]
    assert {item["SubscriptionNumber"] for item in first.items} == {"A-S00000014"}


@pytest.mark.parametrize(
    "content_type",
    [
        "text/xml",
        "text/xml;charset=UTF-8",
        'text/xml; charset="utf-8"',
        "TEXT/XML; Charset=Utf-8",
        "text/plain; charset=utf-8",
        "application/xml",
        "",
        None,
    ],
)
@pytest.mark.parametrize(
    "action", [None, "", '""', '"billingPreview"', '"http://api.zuora.com/#billingPreview"', "login"]
)
def test_any_content_type_of_xml_and_any_soap_action(
    service: Service, content_type: str | None, action: str | None
) -> None:
    reply = service.preview(request(SAMPLE, "2014-06-01"), CONTENT_TYPE=content_type, HTTP_SOAPACTION=action)
    assert [result.get("Size") for result in reply.results()] == ["2"]
    assert reply.headers["Content-Type"] == "text/xml; charset=utf-8"


@pytest.mark.parametrize(
    "content_type", ['application/soap+xml; charset=utf-8; action=""', "application/soap+xml", "text/xml"]
)
def test_soap_12_by_its_envelope(service: Service, content_type: str) -> None:
    body = preview(request(SAMPLE, "2014-06-01"), session=service.token, soap=SOAP12)
    reply = service.post(body, CONTENT_TYPE=content_type)
    assert [result.get("Size") for result in reply.results()] == ["2"]
    assert reply.root.tag == f"{{{SOAP12}}}Envelope"


def test_soap_11_by_its_envelope(service: Service) -> None:
    reply = service.preview(request(SAMPLE, "2014-06-01"), CONTENT_TYPE="application/soap+xml")
    assert reply.root.tag == f"{{{SOAP11}}}Envelope"
    assert reply.headers["Content-Type"] == "text/xml; charset=utf-8"


@pytest.mark.parametrize(
    ("declaration", "encoding", "mark", "charset"),
    [
        ("", "utf-8", b"", "utf-8"),
        ("", "utf-8", b"", None),
        ("", "utf-8", codecs.BOM_UTF8, None),
        ("<?xml version='1.0' encoding='UTF-8'?>", "utf-8", codecs.BOM_UTF8, "utf-8"),
        ('<?xml version="1.0"?>', "utf-8", b"", "utf-8"),
        ('<?xml version="1.0" standalone="yes"?>', "utf-8", b"", None),
        ('<?xml version="1.0" encoding="utf-8" standalone="yes"?>', "utf-8", b"", None),
        ('\r\n  <?xml version="1.0" encoding="UTF-8"?>\r\n', "utf-8", b"", None),
        ("", "utf-16", b"", None),
        ("", "utf-16-le", codecs.BOM_UTF16_LE, "utf-16"),
        ("<?xml version='1.0' encoding='UTF-16'?>", "utf-16-be", b"", None),
        ("<?xml version='1.0' encoding='ISO-8859-1'?>", "latin-1", b"", None),
        ("", "latin-1", b"", "ISO-8859-1"),
        ("<?xml version='1.0' encoding='windows-1252'?>", "cp1252", b"", None),
        ("<?xml version='1.0' encoding='US-ASCII'?>", "ascii", b"", None),
    ],
)
def test_declarations_encodings_and_byte_order_marks(
    service: Service, declaration: str, encoding: str, mark: bytes, charset: str | None
) -> None:
    name = "n" if encoding == "ascii" else "né"
    header = f"{session_header(service.token)}<a:CallOptions><a:{name}>{name}</a:{name}></a:CallOptions>"
    message = declaration + envelope(f"<a:billingPreview>{request(SAMPLE, '2014-06-01')}</a:billingPreview>", header)
    content_type = "text/xml" + (f"; charset={charset}" if charset else "")
    reply = service.post(mark + message.encode(encoding), CONTENT_TYPE=content_type)
    assert [result.get("Size") for result in reply.results()] == ["2"]


def test_trailing_white_space_and_comments_around_the_envelope(service: Service) -> None:
    message = f"<!-- before -->{preview(request(SAMPLE, '2014-06-01'), session=service.token)}<!-- after -->\r\n\r\n"
    assert [result.get("Size") for result in service.post(message).results()] == ["2"]


def test_unused_and_odd_namespace_declarations(service: Service) -> None:
    message = (
        f'<q:Envelope xmlns:q="{SOAP11}" xmlns="{OBJECT}" xmlns:xsi="{XSI}"><Q:Header xmlns:Q="{SOAP11}">'
        f'<SessionHeader xmlns=""><session>{service.token}</session></SessionHeader></Q:Header>'
        f'<q:Body><billingPreview xmlns="{API}"><x1-._é:requests xmlns:x1-._é="{API}"><AccountId>{MONTHLY}</AccountId>'
        f'<TargetDate xmlns="">2014-06-01</TargetDate></x1-._é:requests></billingPreview></q:Body></q:Envelope>'
    )
    assert [result.get("Size") for result in service.post(message).results()] == ["2"]
