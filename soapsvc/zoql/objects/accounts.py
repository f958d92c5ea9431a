"""Account and Contact, from v1 "retrieve an account" or a flat object.

In an account's document, `account` is the top level merged with basicInfo, billingAndPayment and metrics; `tax` is its
taxInfo. `row` has the columns of the store.
"""

from __future__ import annotations

from soapsvc.zoql.catalogue import Field, ZObject
from soapsvc.zoql.objects.common import created, own_id, updated
from soapsvc.zoql.types import BOOLEAN, DATE, DECIMAL, ID, INT

ACCOUNT = ZObject(
    "Account",
    (
        own_id("row"),
        Field("AccountNumber", source="row.number", found=True),
        Field("AdditionalEmailAddresses", source="account.additionalEmailAddresses"),
        Field("AllowInvoiceEdit", BOOLEAN, "account.allowInvoiceEdit"),
        Field("AutoPay", BOOLEAN, "account.autoPay"),
        Field("Balance", DECIMAL, "account.balance"),
        Field("Batch", source="row.batch"),
        Field("BcdSettingOption", source="account.bcdSettingOption"),
        Field("BillCycleDay", INT, "account.billCycleDay"),
        Field("BillToId", ID, "contacts.billToContact", found=True),
        Field("CommunicationProfileId", ID, "account.communicationProfileId"),
        *created("account"),
        Field("CrmId", source="account.crmId", found=True),
        Field("Currency", source="account.currency"),
        Field("CustomerServiceRepName", source="account.customerServiceRepName|customerServiceRep"),
        Field("DefaultPaymentMethodId", ID, "account.defaultPaymentMethodId", found=True),
        Field("InvoiceDeliveryPrefsEmail", BOOLEAN, "account.invoiceDeliveryPrefsEmail"),
        Field("InvoiceDeliveryPrefsPrint", BOOLEAN, "account.invoiceDeliveryPrefsPrint"),
        Field("InvoiceTemplateId", ID, "account.invoiceTemplateId"),
        Field("LastInvoiceDate", DATE, "account.lastInvoiceDate"),
        Field("Name", source="account.name", found=True),
        Field("Notes", source="account.notes"),
        Field("PaymentGateway", source="account.paymentGateway"),
        Field("PaymentTerm", source="account.paymentTerm"),
        Field("PurchaseOrderNumber", source="account.purchaseOrderNumber"),
        Field("SalesRepName", source="account.salesRepName|salesRep"),
        Field("SoldToId", ID, "contacts.soldToContact", found=True),
        Field("Status", source="row.status", found=True),
        Field("TaxCompanyCode", source="tax.companyCode|taxCompanyCode"),
        Field("TaxExemptCertificateID", source="tax.exemptCertificateId|taxExemptCertificateId"),
        Field("TaxExemptCertificateType", source="tax.exemptCertificateType|taxExemptCertificateType"),
        Field("TaxExemptDescription", source="tax.exemptDescription|taxExemptDescription"),
        Field("TaxExemptEffectiveDate", DATE, "tax.exemptEffectiveDate|taxExemptEffectiveDate"),
        Field("TaxExemptExpirationDate", DATE, "tax.exemptExpirationDate|taxExemptExpirationDate"),
        Field("TaxExemptIssuingJurisdiction", source="tax.exemptIssuingJurisdiction|taxExemptIssuingJurisdiction"),
        Field("TaxExemptStatus", source="tax.exemptStatus|taxExemptStatus"),
        *updated("account"),
        Field("VATId", source="tax.VATId|vATId|vatId"),
    ),
)

CONTACT = ZObject(
    "Contact",
    (
        own_id("ids"),
        Field("AccountId", ID, "row.id", found=True),
        Field("Address1", source="contact.address1"),
        Field("Address2", source="contact.address2"),
        Field("City", source="contact.city"),
        Field("Country", source="contact.country"),
        Field("County", source="contact.county"),
        *created("contact"),
        Field("Description", source="contact.contactDescription|description"),
        Field("Fax", source="contact.fax"),
        Field("FirstName", source="contact.firstName", found=True),
        Field("HomePhone", source="contact.homePhone"),
        Field("LastName", source="contact.lastName", found=True),
        Field("MobilePhone", source="contact.mobilePhone"),
        Field("NickName", source="contact.nickname|nickName", found=True),
        Field("OtherPhone", source="contact.otherPhone"),
        Field("OtherPhoneType", source="contact.otherPhoneType"),
        Field("PersonalEmail", source="contact.personalEmail"),
        Field("PostalCode", source="contact.zipCode|postalCode"),
        Field("State", source="contact.state"),
        Field("TaxRegion", source="contact.taxRegion"),
        *updated("contact"),
        Field("WorkEmail", source="contact.workEmail"),
        Field("WorkPhone", source="contact.workPhone"),
    ),
    note="The bill-to, sold-to and ship-to contacts of accounts; a contact without an id has a derived one.",
)
