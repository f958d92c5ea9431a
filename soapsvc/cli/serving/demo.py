"""The first lines of `soapsvc serve --demo`: URLs, user, example calls, and how to serve own data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from soapsvc.cli.terminal import program
from soapsvc.resources import fixtures_dir
from soapsvc.soap.app import ENDPOINTS
from soapsvc.standin import SDK_CLIENT

_ROW = re.compile(r"\| (?P<name>[^|]+) \| (?P<number>A\d+) \| (?P<shows>[^|]+) \|")
_WORDS = """
The demo tenant, until you stop it with Ctrl-C:
  endpoint   {endpoint}
  WSDL       {endpoint}?wsdl
  REST       {url}/v1 (the reference: {url}/docs)
  console    {url}/console (pages for people)
  user       demo@example.com
  password   demo
  OAuth      client demo, secret demo; for the vendor's SDK client {sdk_client}, secret demo

A SOAP call that works, from another terminal:

{soap}

The same over REST, a token first:

{token}
{rest}

Accounts, and what each shows:
{accounts}

Your own data: a folder DIR with exports of the vendor, accounts/*.json, subscriptions/*.json, usage/*.csv:
  {program} serve --tenant DIR
  {program} preview --tenant DIR --account-number NUMBER --target-date DATE --explain
"""
# One line for a shell: the inner call logs in, the outer one previews.
_SOAP = (
    "curl -sS {endpoint} -H 'Content-Type: text/xml' -d \""
    "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' xmlns:a='http://api.zuora.com/'>"
    "<e:Header><a:SessionHeader><a:session>"
    "$(curl -sS {endpoint} -H 'Content-Type: text/xml' -d '"
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><login xmlns="http://api.zuora.com/">'
    "<username>demo@example.com</username><password>demo</password></login></e:Body></e:Envelope>"
    "' | sed 's/.*<ns1:Session>//; s/<.*//')"
    "</a:session></a:SessionHeader></e:Header><e:Body><a:billingPreview><a:requests>"
    "<a:AccountId>402892154627d9a2014627e1b0b60114</a:AccountId>"
    "<a:ChargeTypeToExclude>OneTime,Recurring</a:ChargeTypeToExclude><a:TargetDate>2014-06-01T19:18:09</a:TargetDate>"
    "<a:IncludingEvergreenSubscription>true</a:IncludingEvergreenSubscription>"
    '</a:requests></a:billingPreview></e:Body></e:Envelope>"'
)
_LOGIN = (
    "token=$(curl -sS {url}/oauth/token -d grant_type=client_credentials -d client_id=demo -d client_secret=demo"
    """ | sed 's/.*"access_token":"//; s/".*//')"""
)
_REST = (
    "curl -sS {url}/v1/operations/billing-preview"
    """ -H "Authorization: Bearer $token" -H 'Content-Type: application/json'"""
    """ -d '{{"accountNumber": "A00000014", "targetDate": "2014-06-01", "chargeTypeToExclude": "OneTime,Recurring"}}'"""
)


def first_words(url: str) -> str:
    """The text to print once calls are accepted at `url`; each call in it is one line for a shell."""
    endpoint = f"{url.rstrip('/')}{ENDPOINTS}61.0"
    places = {"url": url.rstrip("/"), "endpoint": endpoint}
    return _WORDS.format(
        **places,
        sdk_client=SDK_CLIENT,
        soap=_SOAP.format(**places),
        token=_LOGIN.format(**places),
        rest=_REST.format(**places),
        accounts="\n".join(f"  {number}  {name}: {shows}" for number, name, shows in demo_accounts()),
        program=program(),
    )


def demo_accounts() -> Iterator[tuple[str, str, str]]:
    """Number, name and purpose of each account of the demo tenant, from its own README."""
    for line in (fixtures_dir() / "README.md").read_text(encoding="utf-8").splitlines():
        if (row := _ROW.match(line)) is not None:
            yield row["number"], row["name"], row["shows"]
