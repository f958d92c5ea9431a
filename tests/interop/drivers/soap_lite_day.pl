# The day of a client: Perl SOAP::Lite, without the WSDL.
use strict;
use warnings;
use HTTP::Tiny;
use JSON::PP;
use SOAP::Lite;

my ($base, $version) = @ARGV;
my $client = SOAP::Lite->proxy("$base/apps/services/a/$version")->default_ns("http://api.zuora.com/")->autotype(1);
$client->on_fault(sub { $_[1] });

sub named { SOAP::Data->name($_[0] => $_[1]) }

my $login = $client->call(login => named(username => $ENV{ZUORA_USER}), named(password => $ENV{ZUORA_PASSWORD}));
$client->proxy($login->valueof("//result/ServerUrl"));
my $token = $login->valueof("//result/Session");

sub header { SOAP::Header->name(SessionHeader => \named(session => $token))->uri("http://api.zuora.com/") }

sub query { $client->call(query => named(queryString => $_[0]), header()) }

sub records { grep { ref } $_[0]->valueof("//result/records") }

my $user = $client->call("getUserInfo", header());
my ($account) = records(query("select Id, Name, Balance from Account where AccountNumber = 'A-1'"));
my ($subscription) = records(query("select Id, Name, Status, TermEndDate from Subscription where AccountId = '$account->{Id}'"));
my ($plan) = records(query("select Id from RatePlan where SubscriptionId = '$subscription->{Id}'"));
my @pages = (query("select ChargeNumber, Price, EffectiveStartDate, BillingTiming from RatePlanCharge where RatePlanId = '$plan->{Id}'"));
while ($pages[-1]->valueof("//result/done") eq "false") {
    push @pages, $client->call(queryMore => named(queryLocator => $pages[-1]->valueof("//result/queryLocator")), header());
}
my $day = $version < 69 ? "2026-01-31T00:00:00" : "2026-01-31";
my $asked = named(requests => \SOAP::Data->value(named(AccountId => $account->{Id}), named(TargetDate => $day)));
my $preview = $client->call("billingPreview", $asked, header());
my $nothing = query("select Id from Account where AccountNumber = 'nobody'");
my $locator_fault = $client->call(queryMore => named(queryLocator => "nobody"), header())->faultcode;
$locator_fault =~ s/^.*://;
my $run = SOAP::Data->type(xml => qq(<zObjects xmlns="http://api.zuora.com/" xmlns:ons="http://object.api.zuora.com/" xsi:type="ons:BillingPreviewRun"><ons:TargetDate>$day</ons:TargetDate></zObjects>));
my $saved = $client->call(create => $run, header())->valueof("//result/Id");
my $made;
for (1 .. 600) {
    ($made) = records(query("select Status, ResultFileUrl from BillingPreviewRun where Id = '$saved'"));
    last unless $made->{Status} =~ /^(Pending|Processing)$/;
    select undef, undef, undef, 0.1;
}
my $file = HTTP::Tiny->new->get($made->{ResultFileUrl}, { headers => { Authorization => "ZSession $token" } });
my ($charge) = records($pages[0]);
print encode_json({
    username => scalar($user->valueof("//Username")),
    account => [map { $account->{$_} } qw(Id Name Balance)],
    subscription => [(map { $subscription->{$_} } qw(Id Name Status)), substr($subscription->{TermEndDate}, 0, 10)],
    pages => [map { scalar(my @all = records($_)) } @pages],
    size => scalar($pages[-1]->valueof("//result/size")),
    charge => [$charge->{ChargeNumber}, $charge->{Price}, substr($charge->{EffectiveStartDate}, 0, 10), $charge->{BillingTiming}],
    preview => scalar($preview->valueof("//results/Size")),
    nothing => 0 + $nothing->valueof("//result/size"),
    locator_fault => $locator_fault,
    run => $made->{Status},
    file => substr($file->{content}, 0, 2),
}), "\n";
