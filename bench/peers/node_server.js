// A node `soap` server over the published WSDL that answers billingPreview with canned items: node node_server.js PORT ITEMS.json
"use strict";
const fs = require("fs");
const http = require("http");
const path = require("path");
const soap = require(path.join(__dirname, "build", "node_modules", "soap"));

const [port, file] = process.argv.slice(2);
const items = JSON.parse(fs.readFileSync(file, "utf8"));
const answers = {};
for (const [account, rows] of Object.entries(items)) {
  answers[account] = rows.map(({ AccountId, ...fields }) => fields);
}

const results = (requests) =>
  [].concat(requests).map((request) => ({
    AccountId: request.AccountId,
    Success: true,
    Size: answers[request.AccountId].length,
    InvoiceItem: answers[request.AccountId],
  }));

const service = { ZuoraService: { Soap: { billingPreview: ({ requests }) => ({ results: results(requests) }) } } };
const wsdl = fs.readFileSync(path.join(__dirname, "..", "..", "wsdl", "zuora.61.0.wsdl"), "utf8");
const server = http.createServer((request, response) => response.end());
server.listen(Number(port), "127.0.0.1", () => soap.listen(server, "/", service, wsdl));
