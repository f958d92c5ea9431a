"""The day of a client: zeep."""

import json
import os
import sys
import time
from datetime import date, datetime

import requests
import zeep
from zeep.exceptions import Fault

BASE, VERSION = sys.argv[1:3]

client = zeep.Client(f"{BASE}/apps/services/a/{VERSION}?wsdl", settings=zeep.Settings(strict=True))
login = client.service.login(os.environ["ZUORA_USER"], os.environ["ZUORA_PASSWORD"])
service = client.create_service("{http://api.zuora.com/}SoapBinding", login.ServerUrl)
headers = [client.get_element("ns1:SessionHeader")(session=login.Session)]


def query(fields, where):
    return service.query(f"select {fields} from {where}", _soapheaders=headers)  # noqa: S608 - it is no SQL


user = service.getUserInfo(_soapheaders=headers)
(account,) = query("Id, Name, Balance", "Account where AccountNumber = 'A-1'").records
fields = "Id, Name, Status, TermEndDate"
(subscription,) = query(fields, f"Subscription where AccountId = '{account.Id}'").records
(plan,) = query("Id", f"RatePlan where SubscriptionId = '{subscription.Id}'").records
fields = "ChargeNumber, Price, EffectiveStartDate, BillingTiming"
first = query(fields, f"RatePlanCharge where RatePlanId = '{plan.Id}'")
pages = [first]
while not pages[-1].done:
    pages.append(service.queryMore(pages[-1].queryLocator, _soapheaders=headers))
day = datetime.fromisoformat("2026-01-31T00:00:00") if float(VERSION) < 69 else date(2026, 1, 31)
(preview,) = service.billingPreview([{"AccountId": account.Id, "TargetDate": day}], _soapheaders=headers)
nothing = query("Id", "Account where AccountNumber = 'nobody'")
try:
    service.queryMore("nobody", _soapheaders=headers)
    locator_fault = None
except Fault as raised:
    locator_fault = client.wsdl.types.deserialize(raised.detail[0]).FaultCode
run = client.get_type("ns0:BillingPreviewRun")(TargetDate=day)
(saved,) = service.create([run], _soapheaders=headers)
made = None
for _ in range(600):
    (made,) = query("Status, ResultFileUrl", f"BillingPreviewRun where Id = '{saved.Id}'").records
    if made.Status not in {"Pending", "Processing"}:
        break
    time.sleep(0.1)
session = {"Authorization": f"ZSession {login.Session}"}
content = requests.get(made.ResultFileUrl, headers=session, timeout=30).content
charge = first.records[0]
sys.stdout.write(
    json.dumps(
        {
            "username": user.Username,
            "account": [account.Id, account.Name, str(account.Balance)],
            "subscription": [
                subscription.Id,
                subscription.Name,
                subscription.Status,
                str(subscription.TermEndDate)[:10],
            ],
            "pages": [len(page.records) for page in pages],
            "size": str(pages[-1].size),
            "charge": [
                charge.ChargeNumber,
                str(charge.Price),
                str(charge.EffectiveStartDate)[:10],
                charge.BillingTiming,
            ],
            "preview": str(preview.Size),
            "nothing": nothing.size,
            "locator_fault": locator_fault,
            "run": made.Status,
            "file": content[:2].decode(),
        }
    )
)
