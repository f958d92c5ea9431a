// The day of a client: node "soap"
const soap = require("soap");
const [base, version] = process.argv.slice(2);
const env = process.env;

async function main() {
  const client = await soap.createClientAsync(`${base}/apps/services/a/${version}?wsdl`);
  const [{ result: login }] = await client.loginAsync({ username: env.ZUORA_USER, password: env.ZUORA_PASSWORD });
  client.setEndpoint(login.ServerUrl);
  client.addSoapHeader({ SessionHeader: { session: login.Session } }, "", "zns");
  const query = async (queryString) => (await client.queryAsync({ queryString }))[0].result;
  const list = (records) => [records].flat().filter((record) => record && Object.keys(record).some((key) => key !== "attributes"));
  const day = (date) => (date instanceof Date ? `${date.getFullYear()}-${`${date.getMonth() + 1}`.padStart(2, "0")}-${`${date.getDate()}`.padStart(2, "0")}` : `${date}`.slice(0, 10));
  const [user] = await client.getUserInfoAsync({});
  const [account] = list((await query("select Id, Name, Balance from Account where AccountNumber = 'A-1'")).records);
  const [subscription] = list((await query(`select Id, Name, Status, TermEndDate from Subscription where AccountId = '${account.Id}'`)).records);
  const [plan] = list((await query(`select Id from RatePlan where SubscriptionId = '${subscription.Id}'`)).records);
  const pages = [await query(`select ChargeNumber, Price, EffectiveStartDate, BillingTiming from RatePlanCharge where RatePlanId = '${plan.Id}'`)];
  while (`${pages.at(-1).done}` === "false") {
    const [{ result }] = await client.queryMoreAsync({ queryLocator: pages.at(-1).queryLocator });
    pages.push(result);
  }
  const target = Number(version) < 69 ? "2026-01-31T00:00:00" : "2026-01-31";
  const [{ results: [preview] }] = await client.billingPreviewAsync({ requests: [{ AccountId: account.Id, TargetDate: target }] });
  const nothing = await query("select Id from Account where AccountNumber = 'nobody'");
  let locator_fault = null;
  try {
    await client.queryMoreAsync({ queryLocator: "nobody" });
  } catch (raised) {
    locator_fault = raised.root.Envelope.Body.Fault.faultcode.replace("fns:", "");
  }
  const run = { attributes: { "xsi:type": "ons:BillingPreviewRun" }, "ons:TargetDate": target };
  const [{ result: saved }] = await client.createAsync({ zObjects: [run] });
  let made;
  for (let turn = 0; turn < 600; turn += 1) {
    [made] = list((await query(`select Status, ResultFileUrl from BillingPreviewRun where Id = '${[saved].flat()[0].Id}'`)).records);
    if (!["Pending", "Processing"].includes(made.Status)) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const answer = await fetch(made.ResultFileUrl, { headers: { Authorization: `ZSession ${login.Session}` } });
  const content = Buffer.from(await answer.arrayBuffer());
  const charge = pages[0].records[0];
  console.log(JSON.stringify({
    username: user.Username,
    account: [account.Id, account.Name, `${account.Balance}`],
    subscription: [subscription.Id, subscription.Name, subscription.Status, day(subscription.TermEndDate)],
    pages: pages.map((page) => page.records.length),
    size: `${pages.at(-1).size}`,
    charge: [charge.ChargeNumber, `${charge.Price}`, day(charge.EffectiveStartDate), charge.BillingTiming],
    preview: `${preview.Size}`,
    nothing: list(nothing.records).length,
    locator_fault,
    run: made.Status,
    file: content.subarray(0, 2).toString(),
  }));
}

main().catch((error) => { console.error(error); process.exit(1); });
