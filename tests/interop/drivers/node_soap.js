// node "soap"
const soap = require("soap");
const [base, version] = process.argv.slice(2);
const env = process.env;

async function main() {
  const client = await soap.createClientAsync(`${base}/apps/services/a/${version}?wsdl`);
  const [{ result: login }] = await client.loginAsync({ username: env.ZUORA_USER, password: env.ZUORA_PASSWORD });
  client.setEndpoint(login.ServerUrl);
  const use = (token) => {
    client.clearSoapHeaders();
    client.addSoapHeader({ SessionHeader: { session: token } }, "", "zns");
  };
  const fault = async (call) => {
    try {
      await call();
    } catch (raised) {
      return raised.root.Envelope.Body.Fault.faultcode;
    }
  };
  use(login.Session);
  const [user] = await client.getUserInfoAsync({});
  const asked = (account) => ({
    AccountId: account,
    ChargeTypeToExclude: null,
    TargetDate: Number(version) < 69 ? "2014-07-01T00:00:00" : "2014-07-01",
  });
  const requests = [asked(env.ZUORA_MONTHLY), asked(env.ZUORA_UNKNOWN)];
  const [{ results: [good, bad] }] = await client.billingPreviewAsync({ requests });
  const items = good.InvoiceItem;
  use("unknown");
  const session_fault = await fault(() => client.billingPreviewAsync({}));
  const login_fault = await fault(() => client.loginAsync({ username: env.ZUORA_USER, password: "wrong" }));
  const day = (date) => `${date.getFullYear()}-${`${date.getMonth() + 1}`.padStart(2, "0")}-${`${date.getDate()}`.padStart(2, "0")}`;
  console.log(JSON.stringify({
    username: user.Username,
    tenant: user.TenantName,
    success: good.Success,
    size: good.Size,
    amounts: items.map((item) => item.ChargeAmount),
    starts: items.map((item) => day(item.ServiceStartDate)),
    ends: items.map((item) => day(item.ServiceEndDate)),
    names: items.map((item) => item.ChargeName),
    product: items[0].ProductName,
    applied: items.map((item) => item.AppliedToInvoiceItemId !== undefined),
    error: [bad.Errors[0].Code, bad.Errors[0].Message, bad.Errors[0].Field],
    session_fault,
    login_fault,
    typed: "",
  }));
}

main().catch((error) => { console.error(error); process.exit(1); });
