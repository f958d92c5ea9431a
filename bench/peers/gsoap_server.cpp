// A gSOAP server over the published WSDL that answers billingPreview with canned items: gsoap_server PORT ITEMS.tsv
// The columns of the table are those that bench/peers/__init__.py writes: the account id, then the item's fields in WSDL order.
#include <cstring>
#include <ctime>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "SoapBinding.nsmap"
#include "soapSoapBindingService.h"

namespace {

struct Item {
  std::string id, amount, charge_id, charge_name, charge_number, charge_type, processing_type, product_name, quantity,
      rate_plan_charge_id, subscription_id, subscription_number, uom;
  time_t charge_date, service_end, service_start;
};

std::map<std::string, std::vector<Item>> items;

time_t day(const std::string &text) {
  struct tm parts;
  std::memset(&parts, 0, sizeof parts);
  strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  return timegm(&parts);
}

void load(const char *path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> column;
    std::istringstream row(line);
    for (std::string value; std::getline(row, value, '\t');) column.push_back(value);
    column.resize(17);
    items[column[0]].push_back(Item{column[1], column[2], column[4], column[5], column[6], column[7], column[8],
                                    column[9], column[10], column[11], column[14], column[15], column[16],
                                    day(column[3]), day(column[12]), day(column[13])});
  }
}

}  // namespace

// Every other operation of the WSDL: there is no such method here.
#include "unmeasured.inc"

int SoapBindingService::billingPreview(_ns1__billingPreview *call, _ns1__billingPreviewResponse &response) {
  for (ns1__BillingPreviewRequest *request : call->requests) {
    std::vector<Item> &rows = items[*request->AccountId];
    ns1__BillingPreviewResult *result = soap_new_ns1__BillingPreviewResult(soap);
    result->AccountId = request->AccountId;
    result->Success = static_cast<bool *>(soap_malloc(soap, sizeof(bool)));
    *result->Success = true;
    result->Size = static_cast<int *>(soap_malloc(soap, sizeof(int)));
    *result->Size = static_cast<int>(rows.size());
    result->InvoiceItem.reserve(rows.size());
    for (Item &row : rows) {
      ns2__InvoiceItem *item = soap_new_ns2__InvoiceItem(soap);
      item->Id = &row.id;
      item->ChargeAmount = &row.amount;
      item->ChargeDate = &row.charge_date;
      item->ChargeId = &row.charge_id;
      item->ChargeName = &row.charge_name;
      item->ChargeNumber = &row.charge_number;
      item->ChargeType = &row.charge_type;
      item->ProcessingType = &row.processing_type;
      item->ProductName = &row.product_name;
      item->Quantity = &row.quantity;
      item->RatePlanChargeId = &row.rate_plan_charge_id;
      item->ServiceEndDate = &row.service_end;
      item->ServiceStartDate = &row.service_start;
      item->SubscriptionId = &row.subscription_id;
      item->SubscriptionNumber = &row.subscription_number;
      item->UOM = &row.uom;
      result->InvoiceItem.push_back(item);
    }
    response.results.push_back(result);
  }
  return SOAP_OK;
}

int main(int, char **arguments) {
  load(arguments[2]);
  SoapBindingService service(SOAP_IO_KEEPALIVE | SOAP_C_UTFSTRING);
  service.soap->bind_flags = SO_REUSEADDR;
  service.soap->max_keep_alive = 1000000;
  if (!soap_valid_socket(service.bind("127.0.0.1", std::stoi(arguments[1]), 100))) return 1;
  while (soap_valid_socket(service.accept())) {
    service.serve();
    service.destroy();
  }
}
