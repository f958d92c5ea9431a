#!/usr/bin/env bash
# bash preview.sh: starts a stand-in, and calls it over REST with curl.
set -euo pipefail

coproc SERVER { exec soapsvc serve --stand-in --port 0 --as-of 2026-01-15T00:00:00Z; }
trap 'kill "$SERVER_PID"' EXIT
read -r -u "${SERVER[0]}" _ _ url

curl -fsS -o /dev/null -X PUT "$url/_admin/accounts/A-SHOP" \
  -d '{"currency": "EUR", "subscriptions": [{"plan": "Gold", "price": 31, "start": "2026-01-01"}]}'
token=$(curl -fsS "$url/oauth/token" -d grant_type=client_credentials -d client_id=demo -d client_secret=demo |
  sed 's/.*"access_token":"//; s/".*//')

amounts() {
  curl -fsS "$url/v1/operations/billing-preview" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
    -d "{\"accountNumber\": \"A-SHOP\", \"targetDate\": \"$1\"}" | grep -o '"chargeAmount":[0-9.]*' | cut -d : -f 2 | xargs
}

before=$(amounts 2026-02-01)
curl -fsS -o /dev/null -X POST "$url/_admin/bill-runs" -d '{"targetDate": "2026-02-01"}'
after=$(amounts 2026-03-01)
[ "$before" = "31 31" ] && [ "$after" = "31" ] || { echo "before: $before, after: $after" >&2; exit 1; }
echo ok
