#!/usr/bin/env bash
# Build the image and run it, without a Docker engine: buildah on a base made by mmdebstrap.
# Needs (Debian): buildah mmdebstrap. Not part of CI. Set BASE to build on another image.
set -euo pipefail
cd "$(dirname "$0")/.."
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '\n== %s\n' "$1"; }

if [ -z "${BASE:-}" ]; then
  BASE=localhost/presswatch-base
  if ! buildah inspect --type image "$BASE" >/dev/null 2>&1; then
    say "base image (Debian with Python)"
    mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates bookworm "$work/base.tar"
    base=$(buildah from scratch)
    buildah add --quiet "$base" "$work/base.tar" /
    buildah commit --quiet --rm "$base" "$BASE"
  fi
fi

say "image"
# Behind a proxy with a certificate of its own, the build needs this machine's authorities; none of it stays in the image.
printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$work/pip.conf"
mounts=(--volume "$work/pip.conf:/etc/pip.conf:ro")
authorities=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
[ -f "$authorities" ] && mounts+=(--volume "$authorities:/etc/ssl/certs/ca-certificates.crt:ro")
buildah build --quiet --format docker --build-arg BASE="$BASE" "${mounts[@]}" --network host --tag presswatch . >/dev/null

box=$(buildah from presswatch)
trap 'buildah rm "$box" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
run() { buildah run --network host "$box" -- "$@"; }

say "not root"
test "$(run id -u)" = 10001

say "watch: heartbeat, health check, SIGTERM within 5 s"
run sh -c '
  set -e
  cd /tmp && presswatch init config >/dev/null
  sed -i "s/^enabled = true/enabled = false/" config/sources/*.toml
  presswatch --config config --archive /data/archive.db watch & pid=$!
  for i in 1 2 3 4 5 6 7 8 9 10; do [ -f /data/archive.db.heartbeat ] && break; sleep 1; done
  presswatch --config config --archive /data/archive.db check --heartbeat
  start=$(date +%s); kill -TERM $pid; wait $pid || true
  took=$(( $(date +%s) - start )); echo "ended in ${took} s"; [ $took -le 5 ]
'

say "demo, and browse on what it made"
run sh -c '
  set -e
  cd /tmp && presswatch demo && cd presswatch-demo
  presswatch --archive presswatch.db browse --port 18001 >/tmp/browse.log 2>&1 & pid=$!
  for i in 1 2 3 4 5 6 7 8 9 10; do
    sleep 1
    python3 -c "import urllib.request as u; print(u.urlopen(\"http://127.0.0.1:18001/\").status)" && break
  done 2>/dev/null
  python3 -c "import urllib.request as u; assert b\"CVE-2024-3094\" in u.urlopen(\"http://127.0.0.1:18001/presswatch/search?q=CVE-2024-3094\").read()"
  kill $pid
'
say "all well"
