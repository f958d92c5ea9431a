<?php
// php preview.php: starts a stand-in, and calls it with ext-soap. In PHPUnit, call start() in setUpBeforeClass().

function start(): array
{
    $command = ['soapsvc', 'serve', '--stand-in', '--port', '0', '--as-of', '2026-01-15T00:00:00Z'];
    $server = proc_open($command, [1 => ['pipe', 'w']], $pipes);
    while (($line = fgets($pipes[1])) !== false) {
        if (str_starts_with($line, 'listening on ')) {
            return [$server, trim(substr($line, strlen('listening on ')))];
        }
    }
    throw new RuntimeException('the stand-in did not start');
}

function admin(string $url, string $method, string $path, array $body): array
{
    $options = ['http' => ['method' => $method, 'content' => json_encode($body), 'header' => 'Content-Type: application/json']];
    return json_decode(file_get_contents("$url/_admin$path", false, stream_context_create($options)), true);
}

function amounts(SoapClient $client, string $account, string $target): array
{
    $answer = $client->billingPreview(['requests' => ['AccountId' => $account, 'TargetDate' => $target]]);
    $items = $answer->results->InvoiceItem ?? [];
    return array_map(fn ($item) => (float) $item->ChargeAmount, is_array($items) ? $items : [$items]);
}

[$server, $url] = start();
try {
    $gold = ['plan' => 'Gold', 'price' => 31, 'start' => '2026-01-01'];
    $account = admin($url, 'PUT', '/accounts/A-SHOP', ['currency' => 'EUR', 'subscriptions' => [$gold]])['accountId'];
    $client = new SoapClient("$url/apps/services/a/153.0?wsdl", ['cache_wsdl' => WSDL_CACHE_NONE]);
    $session = $client->login(['username' => 'demo@example.com', 'password' => 'demo'])->result->Session;
    $client->__setSoapHeaders(new SoapHeader('http://api.zuora.com/', 'SessionHeader', ['session' => $session]));
    $before = amounts($client, $account, '2026-02-01');
    admin($url, 'POST', '/bill-runs', ['targetDate' => '2026-02-01']);
    $after = amounts($client, $account, '2026-03-01');
    if ($before !== [31.0, 31.0] || $after !== [31.0]) {
        throw new UnexpectedValueException(json_encode([$before, $after]));
    }
    echo "ok\n";
} finally {
    proc_terminate($server);
}
