"""An open, drop-in replacement for Zuora's legacy SOAP ``BillingPreview()`` call."""

__version__ = "0.1.0"
