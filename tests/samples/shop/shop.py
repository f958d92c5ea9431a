"""The billing of a fictitious shop: its calls to the vendor with zeep, and its handling of failures."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import requests
import zeep
from lxml import etree
from zeep.exceptions import Fault, TransportError
from zeep.transports import Transport
from zeep.wsdl import Document

USER, PASSWORD = "demo@example.com", "demo"
TRIES = 3
API = "http://api.zuora.com/"


class ShopError(Exception):
    """An error for the shop's users. `code` is the vendor's; `fault` is the kind of the fault, if there was one."""

    def __init__(self, code: str, message: str, fault: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.fault = fault


@cache
def _contract(wsdl: str) -> Document:
    """The vendor's contract, read once: it takes longer than the calls of a whole day."""
    return Document(wsdl, Transport(operation_timeout=30))


class Billing:
    """The invoices of the shop's customers: future ones, and existing ones, `page` of them at a time."""

    def __init__(
        self, wsdl: str, *, timeout: float = 30, sleep: Callable[[float], None] = time.sleep, page: int = 100
    ) -> None:
        transport = Transport(operation_timeout=timeout)
        transport.session.headers["User-Agent"] = "shop/1.0"
        self._client = zeep.Client(_contract(wsdl), transport=transport)
        self._sleep = sleep
        self._header: Any = None
        self._page = self._client.get_element(f"{{{API}}}QueryOptions")(batchSize=page)

    def upcoming(self, account_id: str, until: date, *, renewed: bool = False) -> list[tuple[date, date, Decimal]]:
        """First day, last day and amount of each item up to a day. Raises ShopError."""
        asked = {"AccountId": account_id, "TargetDate": until, **({"AssumeRenewal": "Autorenew"} if renewed else {})}
        (result,) = self._call("billingPreview", [asked])
        if not result.Success:
            raise ShopError(result.Errors[0].Code, result.Errors[0].Message)
        items = result.InvoiceItem or []
        return [(item.ServiceStartDate, item.ServiceEndDate, item.ChargeAmount) for item in items]

    def invoiced(self, account_id: str) -> list[tuple[str, Decimal]]:
        """Number and amount of each existing invoice, by number. Raises ShopError."""
        query = f"select InvoiceNumber, Amount from Invoice where AccountId = '{account_id}'"  # noqa: S608 - ZOQL
        result = self._call("query", query, self._page)
        records = list(result.records or [])
        while not result.done:
            result = self._call("queryMore", result.queryLocator, self._page)
            records += result.records
        return sorted((record.InvoiceNumber, record.Amount) for record in records if record is not None)

    def _login(self) -> None:
        session = self._client.service.login(USER, PASSWORD).Session
        self._header = self._client.get_element(f"{{{API}}}SessionHeader")(session=session)

    def _call(self, operation: str, asked: Any, *headers: Any) -> Any:
        """Make a call. Log in first if there is no valid session, and try again if the service is busy."""
        for attempt in range(1, TRIES + 1):
            try:
                if self._header is None:
                    self._login()
                return self._client.service[operation](asked, _soapheaders=[self._header, *headers])
            except Fault as fault:
                code = (fault.code or "").rpartition(":")[2]
                if code == "INVALID_SESSION" and attempt < TRIES:
                    self._header = None
                    continue
                kind = etree.QName(fault.detail[0]).localname if fault.detail is not None else None
                raise ShopError(code, fault.message, kind) from fault
            except TransportError as error:
                if error.status_code != 429 or attempt == TRIES:
                    raise ShopError("UNAVAILABLE", f"the service answered {error.status_code}") from error
                self._sleep(1)
            except requests.exceptions.Timeout as error:
                raise ShopError("TIMEOUT", "the service did not answer in time") from error
            except (requests.exceptions.RequestException, zeep.exceptions.XMLSyntaxError) as error:
                raise ShopError("BROKEN_ANSWER", "the answer of the service broke off") from error
        raise AssertionError("the last attempt returns or raises")
