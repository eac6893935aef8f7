#!/usr/bin/env bash
# An authority of one's own and a certificate that it has signed, for trying things out. A city buys or has better ones.
#   make-certificates.sh FOLDER NAME…      the names and addresses under which homes reach the broker and the API
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: $0 FOLDER NAME..." >&2; exit 2; }
folder=$1
shift
umask 077
mkdir -p "$folder"
cd "$folder"
names=
for name in "$@"; do
  case $name in
    *[!0-9.]*) names="$names,DNS:$name" ;;
    *) names="$names,IP:$name" ;;
  esac
done
quiet() { openssl "$@" 2>openssl.log || { cat openssl.log >&2; exit 1; }; }
if [ ! -e ca.key ]; then
  quiet req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=Anbu test authority" \
    -addext "keyUsage=critical,keyCertSign,cRLSign" -keyout ca.key -out ca.crt
fi
quiet req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout server.key -out server.csr
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature\n' "${names#,}" >server.ext
quiet x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -extfile server.ext -out server.crt
rm -f server.csr server.ext openssl.log
chmod 644 ca.crt server.crt
echo "In $folder: ca.crt for ANBU_BROKER_CA, server.crt and server.key for the broker and the API."
