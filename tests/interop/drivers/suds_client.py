"""suds-community."""

import json
import logging
import os
import sys
from datetime import UTC, date, datetime

from suds import WebFault
from suds.client import Client

logging.getLogger("suds").setLevel(logging.CRITICAL)
BASE, VERSION = sys.argv[1:]
MONTHLY, UNKNOWN = os.environ["ZUORA_MONTHLY"], os.environ["ZUORA_UNKNOWN"]
# It has an offset: through 68.0 its day in Pacific Time counts.
LAST_HOUR_OF_JULY = datetime(2014, 8, 1, 6, tzinfo=UTC)

client = Client(f"{BASE}/apps/services/a/{VERSION}?wsdl", cache=None)
login = client.service.login(os.environ["ZUORA_USER"], os.environ["ZUORA_PASSWORD"])
client.set_options(location=login.ServerUrl)


def use(token):
    header = client.factory.create("ns0:SessionHeader")
    header.session = token
    client.set_options(soapheaders=header)


def preview_request(account):
    asked = client.factory.create("ns0:BillingPreviewRequest")
    asked.AccountId = account
    asked.TargetDate = LAST_HOUR_OF_JULY if float(VERSION) < 69 else date(2014, 7, 1)
    return asked


def fault(call):
    try:
        call()
    except WebFault as raised:
        return raised.fault.faultcode, str(raised.fault.detail[0].FaultCode)
    return None, None


use(login.Session)
user = client.service.getUserInfo()
good, bad = client.service.billingPreview([preview_request(MONTHLY), preview_request(UNKNOWN)])
items = good.InvoiceItem
error = bad.Errors[0]
use("unknown")
session_fault, typed = fault(lambda: client.service.billingPreview([]))
login_fault, _ = fault(lambda: client.service.login(os.environ["ZUORA_USER"], "wrong"))
sys.stdout.write(
    json.dumps(
        {
            "username": str(user.Username),
            "tenant": str(user.TenantName),
            "success": good.Success,
            "size": good.Size,
            "amounts": [str(item.ChargeAmount) for item in items],
            "starts": [str(item.ServiceStartDate) for item in items],
            "ends": [str(item.ServiceEndDate) for item in items],
            "names": [str(item.ChargeName) for item in items],
            "product": str(items[0].ProductName),
            "applied": ["AppliedToInvoiceItemId" in item for item in items],
            "error": [str(error.Code), str(error.Message), str(error.Field)],
            "session_fault": session_fault,
            "login_fault": login_fault,
            "typed": typed,
        }
    )
)
