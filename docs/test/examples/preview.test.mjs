// node --test preview.test.mjs: starts a stand-in for the tests of this file. It needs no packages.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { after, before, beforeEach, test } from "node:test";

let server, url;

before(async () => {
  server = spawn("soapsvc", ["serve", "--stand-in", "--port", "0", "--as-of", "2026-01-15T00:00:00Z"]);
  for await (const line of createInterface({ input: server.stdout })) {
    if (line.startsWith("listening on ")) {
      url = line.slice("listening on ".length).trim();
      break;
    }
  }
});
after(() => server.kill());
beforeEach(() => admin("POST", "/reset"));

async function admin(method, path, body) {
  const answer = await fetch(`${url}/_admin${path}`, { method, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.status === 204 ? undefined : answer.json();
}

async function soap(body, session) {
  const header = session ? `<a:SessionHeader><a:session>${session}</a:session></a:SessionHeader>` : "";
  const envelope =
    `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://api.zuora.com/">` +
    `<e:Header>${header}</e:Header><e:Body>${body}</e:Body></e:Envelope>`;
  const headers = { "Content-Type": "text/xml" };
  return (await fetch(`${url}/apps/services/a/153.0`, { method: "POST", headers, body: envelope })).text();
}

const all = (xml, name) => [...xml.matchAll(new RegExp(`<[^<>/]*:${name}>([^<]*)<`, "g"))].map((found) => found[1]);

async function amounts(accountId, targetDate) {
  const login = "<a:login><a:username>demo@example.com</a:username><a:password>demo</a:password></a:login>";
  const [session] = all(await soap(login), "Session");
  const request = `<a:AccountId>${accountId}</a:AccountId><a:TargetDate>${targetDate}</a:TargetDate>`;
  const answer = await soap(`<a:billingPreview><a:requests>${request}</a:requests></a:billingPreview>`, session);
  return all(answer, "ChargeAmount").map(Number);
}

test("after a bill run, only the next month is due", async () => {
  const gold = { plan: "Gold", price: 31, start: "2026-01-01" };
  const { accountId } = await admin("PUT", "/accounts/A-SHOP", { currency: "EUR", subscriptions: [gold] });
  assert.deepEqual(await amounts(accountId, "2026-02-01"), [31, 31]);
  await admin("POST", "/bill-runs", { targetDate: "2026-02-01" });
  assert.deepEqual(await amounts(accountId, "2026-03-01"), [31]);
});
