#!/usr/bin/env bash
# Installs the servers that the tests run against from Debian's packages, where this user may; says so where not.
set -u
have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
missing=()
have mosquitto || missing+=(mosquitto)
have nats-server || missing+=(nats-server)
have openssl || missing+=(openssl)
have mosquitto_pub || missing+=(mosquitto-clients)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
have strace || missing+=(strace)
# The same engine as Chromium's, without its windows, which cost more of the processor than the pages.
have chromium-headless-shell || missing+=(chromium-headless-shell)
have node || missing+=(nodejs)
have npm || missing+=(npm)
# Korean in the screenshots, and in what a browser measures.
compgen -G '/usr/share/fonts/opentype/noto/*CJK*' >/dev/null || missing+=(fonts-noto-cjk)
[ ${#missing[@]} -eq 0 ] && exit 0
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo -n)
if ! have apt-get || ! "${sudo[@]}" true 2>/dev/null; then
  echo "Not installed, and this user may not install: ${missing[*]}. The tests that need them are skipped and say so."
  exit 0
fi
echo "Installing for the tests: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# No server of Debian's own is to start: the tests start theirs on free ports.
policy=/usr/sbin/policy-rc.d
made=
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null && "${sudo[@]}" chmod +x "$policy" && made=1
fi
"${sudo[@]}" apt-get update -qq
apt-cache show chromium-headless-shell >/dev/null 2>&1 || missing=("${missing[@]/#chromium-headless-shell/chromium}")
"${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
status=$?
[ -n "$made" ] && "${sudo[@]}" rm -f "$policy"
[ $status -eq 0 ] || echo "Could not install ${missing[*]}: the tests that need them are skipped and say so."
exit 0
