#!/usr/bin/env bash
# Build the image and run it as README.md and compose.yaml say, without a Docker engine: buildah on a base made by
# mmdebstrap. Needs (Debian): buildah mmdebstrap. Not part of CI. Set BASE to build on another image.
set -euo pipefail
cd "$(dirname "$0")/.."
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
work=$(mktemp -d)
boxes=() pids=()
clean() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  for box in "${boxes[@]}"; do buildah rm "$box" >/dev/null 2>&1 || true; done
  rm -rf "$work"
}
trap clean EXIT

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

say "size: at most 230 MB more than its base"
size() { # of an image's files, in MB
  local box; box=$(buildah from "$1"); boxes+=("$box")
  du -s --block-size=MB "$(buildah mount "$box")" | cut -f1 | tr -d MB
}
added=$(($(size presswatch) - $(size "$BASE")))
echo "$added MB"
[ "$added" -le 230 ]

box=$(buildah from presswatch)
boxes+=("$box")
mkdir -m 755 "$work/config" "$work/data" "$work/site"
chmod 755 "$work"
chown 1000 "$work/config" # the reader's, as `mkdir config` makes it
chown 10001 "$work/data"  # a named volume is the user's of the image
volumes=(--volume "$work/config:/config" --volume "$work/data:/data")
run() { buildah run --network host "${volumes[@]}" "$box" -- "$@"; }
wait_for() { # something, within a minute
  for _ in $(seq 60); do "$@" >/dev/null 2>&1 && return; sleep 1; done
  echo "in vain: $*"; cat "$work/watch.log"; return 1
}

say "neither root nor a name, which runAsNonRoot could not look up; no developer tools"
test "$(run id -u)" = 10001
test "$(buildah inspect --format '{{.OCIv1.Config.User}}' "$box")" = 10001
run python3 -c '
import importlib.util as u
found = [name for name in ("pytest", "mypy", "ruff", "hypothesis", "coverage", "hatchling", "pip") if u.find_spec(name)]
assert not found, found'

say "the lines of README.md: init"
buildah run --network host "${volumes[@]}" --user 1000 "$box" -- presswatch init --contact reader@tide-readers.org
# The sources of the starter are real; here two small sites on this machine stand for them.
sed -i 's/^allowed_addresses = .*/allowed_addresses = ["127.0.0.9:18461", "127.0.0.10:18461"]/; s/^pace = .*/pace = "0s"/' \
  "$work/config/presswatch.toml"
rm "$work"/config/sources/*.toml
cat >"$work/config/sources/tide.toml" <<TOML
[tide]
title = "The Tide"
home_url = "http://127.0.0.9:18461/"
feeds = ["http://127.0.0.9:18461/feed.xml"]
TOML
for address in 9 10; do
  site=$work/site/$address
  mkdir "$site"
  link="http://127.0.0.$address:18461"
  items=
  for number in 1 2 3; do
    items+="<item><title>Storm $number shuts roads</title><link>$link/$number.html</link></item>"
    words=$(seq -f "storm-$address-$number-%g" -s ' ' 120)
    echo "<!doctype html><title>Storm $number</title><article><h1>Storm $number shuts roads</h1><p>$words.</p></article>" \
      >"$site/$number.html"
  done
  echo "<rss version='2.0'><channel><title>Tide $address</title><link>$link/</link>$items</channel></rss>" >"$site/feed.xml"
  echo "<!doctype html><title>Tide $address</title><link rel=alternate type=application/rss+xml href=/feed.xml>" \
    >"$site/index.html"
  python3 -m http.server --bind "127.0.0.$address" --directory "$site" 18461 >/dev/null 2>&1 &
  pids+=($!)
done

say "compose up: articles after one pass, all of it below /data, and well"
run presswatch watch >"$work/watch.log" 2>&1 &
pids+=($!)
articles() { [ "$(run presswatch export | wc -l)" = "$1" ]; }
wait_for articles 3
wait_for run presswatch check --heartbeat
run presswatch check --heartbeat
ls "$work/data" "$work/data/captures"
ls "$work"/data/captures/*.warc.gz >/dev/null

say "a source is added to the running watch, whose configuration it cannot write, and picked up"
run presswatch sources add http://127.0.0.10:18461/
cat "$work/data/sources/added.toml"
wait_for articles 6

say "a digest is made"
run presswatch digest --since 24h
ls "$work"/data/digests/*.html

say "red when the data folder cannot be written, and green again"
chown -R 0 "$work/data" && chmod 755 "$work/data"
if run presswatch check --heartbeat; then echo "still green"; exit 1; fi
chown -R 10001 "$work/data"
run presswatch check --heartbeat

say "SIGTERM ends the watch within 5 s"
watch=$(pgrep -u 10001 -f "presswatch watch" | head -1)
start=$(date +%s)
kill -TERM "$watch"
while kill -0 "$watch" 2>/dev/null; do sleep 0.2; [ $(($(date +%s) - start)) -le 5 ]; done
echo "ended in $(($(date +%s) - start)) s"

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
