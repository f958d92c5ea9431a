#!/usr/bin/perl
# prove preview.t: starts a stand-in, and calls it with the core modules of Perl.
use strict;
use warnings;
use HTTP::Tiny;
use JSON::PP;
use Test::More tests => 2;

my $server = open(my $out, '-|', qw(soapsvc serve --stand-in --port 0 --as-of 2026-01-15T00:00:00Z))
    or die "soapsvc: $!";
my ($url) = map { /^listening on (\S+)/ } scalar readline $out;
my $http = HTTP::Tiny->new;

sub admin {
    my ($method, $path, $body) = @_;
    my $answer = $http->request($method, "$url/_admin$path", { content => encode_json($body) });
    die "$method $path: $answer->{status} $answer->{content}" unless $answer->{success};
    return decode_json($answer->{content});
}

sub soap {
    my ($body, $session) = @_;
    my $header = $session ? "<a:SessionHeader><a:session>$session</a:session></a:SessionHeader>" : '';
    my $envelope = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://api.zuora.com/">'
        . "<e:Header>$header</e:Header><e:Body>$body</e:Body></e:Envelope>";
    my $options = { headers => { 'Content-Type' => 'text/xml' }, content => $envelope };
    return $http->request('POST', "$url/apps/services/a/153.0", $options)->{content};
}

sub amounts {
    my ($account, $target) = @_;
    my $login = '<a:login><a:username>demo@example.com</a:username><a:password>demo</a:password></a:login>';
    my ($session) = soap($login) =~ m{<[^<>/]*:Session>([^<]*)<};
    my $request = "<a:AccountId>$account</a:AccountId><a:TargetDate>$target</a:TargetDate>";
    my $answer = soap("<a:billingPreview><a:requests>$request</a:requests></a:billingPreview>", $session);
    return [map { $_ + 0 } $answer =~ m{<[^<>/]*:ChargeAmount>([^<]*)<}g];
}

my $gold = { plan => 'Gold', price => 31, start => '2026-01-01' };
my $account = admin('PUT', '/accounts/A-SHOP', { currency => 'EUR', subscriptions => [$gold] })->{accountId};
is_deeply(amounts($account, '2026-02-01'), [31, 31], 'two months are due');
admin('POST', '/bill-runs', { targetDate => '2026-02-01' });
is_deeply(amounts($account, '2026-03-01'), [31], 'after a bill run, only the third month is due');

kill 'TERM', $server;
