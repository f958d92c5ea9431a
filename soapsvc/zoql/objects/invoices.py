"""Invoice and InvoiceItem, from imported billing documents, drafts and others, without credit memos."""

from __future__ import annotations

from soapsvc.zoql import spellings
from soapsvc.zoql.catalogue import Field, ZObject
from soapsvc.zoql.objects.common import created, own_id, updated
from soapsvc.zoql.types import BOOLEAN, DATE, DATE_TIME, DECIMAL, ID

INVOICE = ZObject(
    "Invoice",
    (
        own_id("row"),
        Field("AccountId", ID, "row.account_id", found=True),
        Field("AdjustmentAmount", DECIMAL, "invoice.adjustmentAmount"),
        Field("Amount", DECIMAL, "invoice.amount"),
        Field("AmountWithoutTax", DECIMAL, "invoice.amountWithoutTax"),
        Field("Balance", DECIMAL, "invoice.balance"),
        Field("BillRunId", ID, "invoice.billRunId", found=True),
        Field("Body", source="invoice.body"),
        Field("Comments", source="invoice.comments"),
        *created("invoice"),
        Field("DueDate", DATE, "invoice.dueDate"),
        Field("IncludesOneTime", BOOLEAN, "invoice.includesOneTime"),
        Field("IncludesRecurring", BOOLEAN, "invoice.includesRecurring"),
        Field("IncludesUsage", BOOLEAN, "invoice.includesUsage"),
        Field("InvoiceDate", DATE, "invoice.invoiceDate"),
        Field("InvoiceNumber", source="invoice.invoiceNumber|number", found=True),
        Field("LastEmailSentDate", DATE_TIME, "invoice.lastEmailSentDate"),
        Field("PaymentAmount", DECIMAL, "invoice.paymentAmount"),
        Field("PostedBy", ID, "invoice.postedBy"),
        Field("PostedDate", DATE_TIME, "invoice.postedDate"),
        Field("RefundAmount", DECIMAL, "invoice.refundAmount"),
        Field("RegenerateInvoicePDF", BOOLEAN, "invoice.regenerateInvoicePDF"),
        Field("Status", source="invoice.status", found=True),
        Field("TargetDate", DATE, "invoice.targetDate|invoiceTargetDate"),
        Field("TaxAmount", DECIMAL, "invoice.taxAmount"),
        Field("TaxExemptAmount", DECIMAL, "invoice.taxExemptAmount"),
        Field("TransferredToAccounting", source="invoice.transferredToAccounting"),
        *updated("invoice"),
    ),
)

INVOICE_ITEM = ZObject(
    "InvoiceItem",
    (
        own_id("ids"),
        Field("AccountingCode", source="item.accountingCode"),
        Field("AppliedToChargeNumber", source="item.appliedToChargeNumber", since=(80, 0)),
        Field("AppliedToInvoiceItemId", ID, "item.appliedToInvoiceItemId|appliedToItemId", found=True),
        Field("ChargeAmount", DECIMAL, "item.chargeAmount|amountWithoutTax|amount"),
        Field("ChargeDate", DATE_TIME, "item.chargeDate"),
        Field("ChargeDescription", source="item.chargeDescription|description|comment"),
        Field("ChargeId", source="item.chargeId", found=True),
        Field("ChargeName", source="item.chargeName|skuName", found=True),
        Field("ChargeNumber", source="item.chargeNumber", found=True),
        Field("ChargeType", source="item.chargeType", made=spellings.charge_type),
        *created("item"),
        Field("InvoiceId", ID, "row.id", found=True),
        Field("ProcessingType", DECIMAL, "item.processingType", spellings.processing_type),
        Field("ProductDescription", source="item.productDescription"),
        Field("ProductId", ID, "item.productId", found=True),
        Field("ProductName", source="item.productName", found=True),
        Field("ProductRatePlanChargeId", source="item.productRatePlanChargeId", found=True, since=(67, 0)),
        Field("Quantity", DECIMAL, "item.quantity"),
        Field("RatePlanChargeId", ID, "item.ratePlanChargeId|chargeId", found=True),
        Field("RevRecCode", source="item.revRecCode"),
        Field("RevRecStartDate", DATE, "item.revRecStartDate"),
        Field("RevRecTriggerCondition", source="item.revRecTriggerCondition"),
        Field("ServiceEndDate", DATE, "item.serviceEndDate"),
        Field("ServiceStartDate", DATE, "item.serviceStartDate"),
        Field("SKU", source="item.sku|sKU|productSku", found=True),
        Field("SubscriptionId", ID, "item.subscriptionId", found=True),
        Field("SubscriptionNumber", source="item.subscriptionNumber|subscriptionName", found=True),
        Field("TaxAmount", DECIMAL, "item.taxAmount"),
        Field("TaxCode", source="item.taxCode"),
        Field("TaxExemptAmount", DECIMAL, "item.taxExemptAmount"),
        Field("TaxMode", source="item.taxMode"),
        Field("UnitPrice", DECIMAL, "item.unitPrice"),
        Field("UOM", source="item.unitOfMeasure|uOM|uom"),
        *updated("item"),
    ),
    note="billingPreview also answers with this type, but previewed items cannot be queried.",
)
