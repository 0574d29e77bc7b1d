#!/usr/bin/env bash
# Builds Pebble, the ACME authority that the gateway's tests ask for certificates, once, into the cache.
# Needs Go and the Go module proxy the machine is set up with; does nothing when it is there.
set -euo pipefail

version=v2.10.1
sum=h1:oKHx3lgN4e5Nno2LKTMrVx+b+NkDptkO9aDireiBDGE=
module=github.com/letsencrypt/pebble/v2
bin=${WEFT_PEBBLE_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/weft-pebble}/$version

if [ ! -x "$bin/pebble" ]; then
  echo "building Pebble $version (a minute, once)" >&2
  mkdir -p "$bin"
  exec 9>"$bin/.lock"
  flock -w 600 9
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  cd "$folder"
  found=$(go mod download -json "$module@$version" | sed -n 's/^\t"Sum": "\(.*\)",\{0,1\}$/\1/p')
  [ "$found" = "$sum" ] || { echo "$module@$version has the sum $found, not $sum" >&2; exit 1; }
  CGO_ENABLED=0 GOWORK=off GOBIN="$folder" go install -trimpath -ldflags "-s -w" "$module/cmd/pebble@$version"
  mv "$folder/pebble" "$bin/pebble"
fi
printf '%s\n' "$bin/pebble"
