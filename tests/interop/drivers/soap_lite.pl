# Perl SOAP::Lite, without the WSDL: as its users write calls by hand.
use strict;
use warnings;
use JSON::PP;
use SOAP::Lite;

my ($base, $version) = @ARGV;
my $client = SOAP::Lite->proxy("$base/apps/services/a/$version")->default_ns("http://api.zuora.com/")->autotype(1);
$client->on_fault(sub { $_[1] });

sub named { SOAP::Data->name($_[0] => $_[1]) }

sub header { SOAP::Header->name(SessionHeader => \named(session => $_[0]))->uri("http://api.zuora.com/") }

my $login = $client->call(login => named(username => $ENV{ZUORA_USER}), named(password => $ENV{ZUORA_PASSWORD}));
$client->proxy($login->valueof("//result/ServerUrl"));
my $token = $login->valueof("//result/Session");
my $user = $client->call("getUserInfo", header($token));

sub asked {
    named(requests => \SOAP::Data->value(named(AccountId => $_[0]), named(TargetDate => "2014-07-01T00:00:00")->type("dateTime")));
}

my $answer = $client->call("billingPreview", asked($ENV{ZUORA_MONTHLY}), asked($ENV{ZUORA_UNKNOWN}), header($token));
my ($good, $bad) = $answer->valueof("//billingPreviewResponse/results");
my @items = $answer->valueof("//billingPreviewResponse/results/InvoiceItem");
my $session_fault = $client->call("billingPreview", header("unknown"))->faultcode;
my $login_fault = $client->call(login => named(username => $ENV{ZUORA_USER}), named(password => "wrong"))->faultcode;
print encode_json({
    username => $user->valueof("//Username"),
    tenant => $user->valueof("//TenantName"),
    success => $good->{Success},
    size => $good->{Size},
    amounts => [map { $_->{ChargeAmount} } @items],
    starts => [map { $_->{ServiceStartDate} } @items],
    ends => [map { $_->{ServiceEndDate} } @items],
    names => [map { $_->{ChargeName} } @items],
    product => $items[0]{ProductName},
    applied => [map { exists $_->{AppliedToInvoiceItemId} ? JSON::PP::true : JSON::PP::false } @items],
    error => [map { $bad->{Errors}{$_} } qw(Code Message Field)],
    session_fault => $session_fault,
    login_fault => $login_fault,
    typed => "",
}), "\n";
