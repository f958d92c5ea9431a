"""python preview_zeep.py: starts a stand-in, and calls it with zeep. In pytest, use the fixture soapsvc_server."""

import json
import subprocess
import urllib.request

from zeep import Client

COMMAND = ["soapsvc", "serve", "--stand-in", "--port", "0", "--as-of", "2026-01-15T00:00:00Z"]


def admin(url, method, path, body):
    data = json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/_admin{path}", data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def amounts(client, session, account, target):
    requests = [{"AccountId": account, "TargetDate": target}]
    (result,) = client.service.billingPreview(requests, _soapheaders={"SessionHeader": {"session": session}})
    return [float(item.ChargeAmount) for item in result.InvoiceItem or []]


with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True) as server:
    try:
        url = server.stdout.readline().removeprefix("listening on ").strip()
        gold = {"plan": "Gold", "price": 31, "start": "2026-01-01"}
        account = admin(url, "PUT", "/accounts/A-SHOP", {"currency": "EUR", "subscriptions": [gold]})["accountId"]
        client = Client(f"{url}/apps/services/a/153.0?wsdl")
        session = client.service.login("demo@example.com", "demo").Session
        before = amounts(client, session, account, "2026-02-01")
        admin(url, "POST", "/bill-runs", {"targetDate": "2026-02-01"})
        after = amounts(client, session, account, "2026-03-01")
        assert (before, after) == ([31, 31], [31]), (before, after)
        print("ok")
    finally:
        server.terminate()
