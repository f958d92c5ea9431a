"""Namespace URIs and the literal prefixes of the wire, which production clients match as text."""

API = "http://api.zuora.com/"
OBJECT = "http://object.api.zuora.com/"
FAULT = "http://fault.api.zuora.com/"

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

ACTOR_NEXT = "http://schemas.xmlsoap.org/soap/actor/next"
ROLE_NEXT = f"{SOAP12}/role/next"
ROLE_ULTIMATE_RECEIVER = f"{SOAP12}/role/ultimateReceiver"
