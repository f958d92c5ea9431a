"""zeep; `ZEEP_STRICT=0` for its lax mode."""

import json
import os
import sys
from datetime import date, datetime

import zeep
from zeep.exceptions import Fault

BASE, VERSION = sys.argv[1:]
MONTHLY, UNKNOWN = os.environ["ZUORA_MONTHLY"], os.environ["ZUORA_UNKNOWN"]

settings = zeep.Settings(strict=os.environ.get("ZEEP_STRICT", "1") == "1")
client = zeep.Client(f"{BASE}/apps/services/a/{VERSION}?wsdl", settings=settings)
login = client.service.login(os.environ["ZUORA_USER"], os.environ["ZUORA_PASSWORD"])
service = client.create_service("{http://api.zuora.com/}SoapBinding", login.ServerUrl)
header = client.get_element("ns1:SessionHeader")(session=login.Session)
user = service.getUserInfo(_soapheaders=[header])
day = datetime.fromisoformat("2014-07-01T00:00:00") if float(VERSION) < 69 else date(2014, 7, 1)
good, bad = service.billingPreview(
    [{"AccountId": MONTHLY, "TargetDate": day}, {"AccountId": UNKNOWN, "TargetDate": day}], _soapheaders=[header]
)
items = good.InvoiceItem
error = bad.Errors[0]


def fault(call):
    try:
        call()
    except Fault as raised:
        detail = client.wsdl.types.deserialize(raised.detail[0])
        return detail.FaultCode, type(detail).__name__
    return None, None


session_fault, typed = fault(lambda: service.billingPreview([], _soapheaders={"SessionHeader": {"session": "unknown"}}))
login_fault, _ = fault(lambda: client.service.login(os.environ["ZUORA_USER"], "wrong"))
sys.stdout.write(
    json.dumps(
        {
            "username": user.Username,
            "tenant": user.TenantName,
            "success": good.Success,
            "size": good.Size,
            "amounts": [str(item.ChargeAmount) for item in items],
            "starts": [str(item.ServiceStartDate) for item in items],
            "ends": [str(item.ServiceEndDate) for item in items],
            "names": [item.ChargeName for item in items],
            "product": items[0].ProductName,
            "applied": [item.AppliedToInvoiceItemId is not None for item in items],
            "error": [error.Code, error.Message, error.Field],
            "session_fault": session_fault,
            "login_fault": login_fault,
            "typed": typed,
        }
    )
)
