#!/bin/sh
# Puts the MicroPython that tests/micropython runs into .cache/micropython: one npm package, one exact version, no lock
# file. With the package there it costs a few process starts and asks no network. Where it cannot be had the tests skip,
# and this says so in one loud line.
set -eu
root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
name=@micropython/micropython-webassembly-pyscript
version=1.27.0
# SHA-256 of micropython.mjs and micropython.wasm one after the other: what the version's name cannot promise.
wanted=3d53232487c4b3b91a865d4882c26fd4f9cd55174817b1f4fbaa1b1f1d07561d

skip() {
    printf '%s\n' "!!! MicroPython tests SKIPPED: $* !!!"
    exit 0
}

# A name on PATH proves nothing (version managers leave dead shims), so Node has to run.
node --version >/dev/null 2>&1 || skip "no Node"
cache=$root/.cache/micropython
package=node_modules/$name
grep -q "\"version\": \"$version\"" "$cache/$package/package.json" 2>/dev/null && exit 0

npm --version >/dev/null 2>&1 || skip "no npm beside Node"
mkdir -p "$root/.cache"
work=$(mktemp -d "$root/.cache/micropython.XXXXXX")
trap 'rm -rf "$work"' EXIT
said=$(npm install --prefix "$work" --no-save --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error \
    "$name@$version" 2>&1 </dev/null) || skip "npm could not install $name $version: $said"
found=$(cat "$work/$package/micropython.mjs" "$work/$package/micropython.wasm" | node -e '
    const hash = require("node:crypto").createHash("sha256");
    process.stdin.on("data", (data) => hash.update(data)).on("end", () => console.log(hash.digest("hex")));')
[ "$found" = "$wanted" ] || {
    printf 'pencontrol: %s %s is not the one these tests were written for: SHA-256 %s\n' "$name" "$version" "$found" >&2
    exit 1
}
# Whole or not at all, also when two calls do this at once.
rm -rf "$cache"
mv "$work" "$cache" 2>/dev/null || [ -e "$cache/$package" ]
