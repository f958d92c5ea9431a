<?php // The day of a client: PHP's SoapClient.
[, $base, $version] = $argv;
$options = ["features" => SOAP_SINGLE_ELEMENT_ARRAYS, "cache_wsdl" => WSDL_CACHE_NONE, "keep_alive" => true];
$client = new SoapClient("$base/apps/services/a/$version?wsdl", $options);
$login = $client->login(["username" => getenv("ZUORA_USER"), "password" => getenv("ZUORA_PASSWORD")])->result;
$client->__setLocation($login->ServerUrl);
$client->__setSoapHeaders(new SoapHeader("http://api.zuora.com/", "SessionHeader", ["session" => $login->Session]));

$query = fn (string $text) => $client->query(["queryString" => $text])->result;
$user = $client->getUserInfo([]);
[$account] = $query("select Id, Name, Balance from Account where AccountNumber = 'A-1'")->records;
[$subscription] = $query("select Id, Name, Status, TermEndDate from Subscription where AccountId = '$account->Id'")->records;
[$plan] = $query("select Id from RatePlan where SubscriptionId = '$subscription->Id'")->records;
$pages = [$query("select ChargeNumber, Price, EffectiveStartDate, BillingTiming from RatePlanCharge where RatePlanId = '$plan->Id'")];
while (!end($pages)->done) {
    $pages[] = $client->queryMore(["queryLocator" => end($pages)->queryLocator])->result;
}
$day = (float) $version < 69 ? "2026-01-31T00:00:00" : "2026-01-31";
[$preview] = $client->billingPreview(["requests" => [["AccountId" => $account->Id, "TargetDate" => $day]]])->results;
$nothing = $query("select Id from Account where AccountNumber = 'nobody'");
$locator_fault = null;
try {
    $client->queryMore(["queryLocator" => "nobody"]);
} catch (SoapFault $raised) {
    $locator_fault = str_replace("fns:", "", $raised->faultcode);
}
$run = new SoapVar(["TargetDate" => $day], SOAP_ENC_OBJECT, "BillingPreviewRun", "http://object.api.zuora.com/");
[$saved] = $client->create(["zObjects" => [$run]])->result;
for ($turn = 0; $turn < 600; $turn++) {
    [$made] = $query("select Status, ResultFileUrl from BillingPreviewRun where Id = '$saved->Id'")->records;
    if (!in_array($made->Status, ["Pending", "Processing"])) {
        break;
    }
    usleep(100000);
}
$context = stream_context_create(["http" => ["header" => "Authorization: ZSession $login->Session"]]);
$content = file_get_contents($made->ResultFileUrl, false, $context);
$charge = $pages[0]->records[0];
echo json_encode([
    "username" => $user->Username,
    "account" => [$account->Id, $account->Name, (string) $account->Balance],
    "subscription" => [$subscription->Id, $subscription->Name, $subscription->Status, substr($subscription->TermEndDate, 0, 10)],
    "pages" => array_map(fn ($page) => count($page->records), $pages),
    "size" => (string) end($pages)->size,
    "charge" => [$charge->ChargeNumber, (string) $charge->Price, substr($charge->EffectiveStartDate, 0, 10), $charge->BillingTiming],
    "preview" => (string) $preview->Size,
    "nothing" => count(array_filter($nothing->records ?? [])),
    "locator_fault" => $locator_fault,
    "run" => $made->Status,
    "file" => substr($content, 0, 2),
]), "\n";
