#!/bin/sh
# Writes requirements.lock anew from pyproject.toml: exact versions with hashes, for every platform the registry has
# wheels for. Pins that still fit are kept; scripts/lock.sh --upgrade takes the newest. Other arguments go to uv.
set -eu
cd "$(dirname -- "$(readlink -f -- "$0")")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# uv, because it resolves for all platforms at once; from a venv of its own, because only this script needs it.
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q --disable-pip-version-check uv

# The build backend is locked with the rest, so that installing the project asks the registry for nothing further.
"$work/venv/bin/python" - >"$work/build.in" <<'END'
import pathlib, tomllib
print(*tomllib.loads(pathlib.Path("pyproject.toml").read_text())["build-system"]["requires"], sep="\n")
END

# --no-config, --no-emit-*: what is written holds no address, whatever registry this machine reads from.
# fewest: one version of a package for all Pythons where one exists, so everyone tests the same.
"$work/venv/bin/uv" pip compile --quiet --no-config --universal --python-version 3.11 --fork-strategy fewest \
    --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
    --custom-compile-command scripts/lock.sh --extra dev "$@" \
    --output-file requirements.lock pyproject.toml "$work/build.in"
