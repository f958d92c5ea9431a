"""The billing of a fictitious shop: what it asks the vendor with zeep, and how it bears what goes wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import requests
import zeep
from zeep.exceptions import Fault, TransportError
from zeep.transports import Transport

USER, PASSWORD = "demo@example.com", "demo"
TRIES = 3


class ShopError(Exception):
    """What the shop tells its users; `code` is the vendor's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Billing:
    """The next invoices of the shop's customers."""

    def __init__(self, wsdl: str, *, timeout: float = 5, sleep: Callable[[float], None] = time.sleep) -> None:
        transport = Transport(operation_timeout=timeout)
        transport.session.headers["User-Agent"] = "shop/1.0"
        self._client = zeep.Client(wsdl, transport=transport)
        self._sleep = sleep
        self._header: Any = None

    def upcoming(self, account_id: str, until: date, *, renewed: bool = False) -> list[tuple[date, date, Decimal]]:
        """First day, last day and amount of each item up to a day. Raises ShopError."""
        asked = {"AccountId": account_id, "TargetDate": until, **({"AssumeRenewal": "Autorenew"} if renewed else {})}
        (result,) = self._call(asked)
        if not result.Success:
            raise ShopError(result.Errors[0].Code, result.Errors[0].Message)
        items = result.InvoiceItem or []
        return [(item.ServiceStartDate, item.ServiceEndDate, item.ChargeAmount) for item in items]

    def _login(self) -> None:
        session = self._client.service.login(USER, PASSWORD).Session
        self._header = self._client.get_element("{http://api.zuora.com/}SessionHeader")(session=session)

    def _call(self, asked: dict[str, Any]) -> Any:
        """Ask, after a login where there is none or it has expired, and again where the service is busy."""
        for attempt in range(1, TRIES + 1):
            try:
                if self._header is None:
                    self._login()
                return self._client.service.billingPreview(requests=[asked], _soapheaders=[self._header])
            except Fault as fault:
                code = (fault.code or "").rpartition(":")[2]
                if code == "INVALID_SESSION" and attempt < TRIES:
                    self._header = None
                    continue
                raise ShopError(code, fault.message) from fault
            except TransportError as error:
                if error.status_code != 429 or attempt == TRIES:
                    raise ShopError("UNAVAILABLE", f"the service answered {error.status_code}") from error
                self._sleep(1)
            except requests.exceptions.Timeout as error:
                raise ShopError("TIMEOUT", "the service did not answer in time") from error
            except (requests.exceptions.RequestException, zeep.exceptions.XMLSyntaxError) as error:
                raise ShopError("BROKEN_ANSWER", "the answer of the service broke off") from error
        raise AssertionError("the last attempt returns or raises")
