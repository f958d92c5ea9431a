<?php // PHP's SoapClient; SOAP_VERSION=2 speaks SOAP 1.2.
[, $base, $version] = $argv;
$soap = getenv("SOAP_VERSION") === "2" ? SOAP_1_2 : SOAP_1_1;
$options = ["soap_version" => $soap, "features" => SOAP_SINGLE_ELEMENT_ARRAYS, "cache_wsdl" => WSDL_CACHE_NONE, "keep_alive" => true];
$client = new SoapClient("$base/apps/services/a/$version?wsdl", $options);
$login = $client->login(["username" => getenv("ZUORA_USER"), "password" => getenv("ZUORA_PASSWORD")])->result;
$client->__setLocation($login->ServerUrl);

function use_session(SoapClient $client, string $token): void {
    $client->__setSoapHeaders(new SoapHeader("http://api.zuora.com/", "SessionHeader", ["session" => $token]));
}

function fault(callable $call): string {
    try {
        $call();
    } catch (SoapFault $raised) {
        return str_contains($raised->faultcode, "fns:") ? $raised->faultcode : explode(": ", $raised->getMessage())[0];
    }
    return "none";
}

use_session($client, $login->Session);
$user = $client->getUserInfo([]);
$date = $version < "69" ? "2014-07-01T00:00:00" : "2014-07-01";
$asked = fn ($account) => ["AccountId" => $account, "ChargeTypeToExclude" => null, "TargetDate" => $date, "IncludingEvergreenSubscription" => false];
[$good, $bad] = $client->billingPreview(["requests" => [$asked(getenv("ZUORA_MONTHLY")), $asked(getenv("ZUORA_UNKNOWN"))]])->results;
$items = $good->InvoiceItem;
$error = $bad->Errors[0];
use_session($client, "unknown");
$session_fault = fault(fn () => $client->billingPreview(["requests" => []]));
$login_fault = fault(fn () => $client->login(["username" => getenv("ZUORA_USER"), "password" => "wrong"]));
echo json_encode([
    "username" => $user->Username,
    "tenant" => $user->TenantName,
    "success" => $good->Success,
    "size" => $good->Size,
    "amounts" => array_map(fn ($item) => $item->ChargeAmount, $items),
    "starts" => array_map(fn ($item) => $item->ServiceStartDate, $items),
    "ends" => array_map(fn ($item) => $item->ServiceEndDate, $items),
    "names" => array_map(fn ($item) => $item->ChargeName, $items),
    "product" => $items[0]->ProductName,
    "applied" => array_map(fn ($item) => isset($item->AppliedToInvoiceItemId), $items),
    "error" => [$error->Code, $error->Message, $error->Field],
    "session_fault" => $session_fault,
    "login_fault" => $login_fault,
    "typed" => "",
]), "\n";
