#!/bin/sh
# Install the real clients that `make interop` drives: Debian packages (needs root) and two npm packages beside this file.
set -e
cd "$(dirname "$0")"
packages="php-cli php-soap libsoap-lite-perl libaxis-java jaxws default-jdk-headless gsoap libgsoap-dev libssl-dev g++ mono-mcs mono-devel nodejs npm"
missing=$(for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok' || printf ' %s' "$package"
done)
command -v node >/dev/null && missing=$(printf '%s' "$missing" | sed 's/ nodejs//; s/ npm//')
command -v javac >/dev/null && missing=$(printf '%s' "$missing" | sed 's/ default-jdk-headless//')
if [ -n "$missing" ]; then
  apt-get update -q
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
fi
[ -d node_modules/soap ] || npm install --no-audit --no-fund --no-save soap@1
