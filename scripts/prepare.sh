# Sourced by run, test and prove: makes sure the system libraries and .venv are there. POSIX sh.
#
# Call `prepare headless|screen|test` after setting $root to the checkout. Everything it says goes to stderr, so a
# caller's stdout stays clean. Done once, it costs a few process starts; see proofs/second_start.py.
#
# PENCONTROL_PYTHON       the Python to use instead of the first fitting one on PATH
# PENCONTROL_SKIP_SYSTEM  1: leave system packages alone and do not look for them
# shellcheck shell=sh disable=SC2154 # root is the caller's

# Debian 12 names. A release that renamed libfoo to libfoot64 counts as having libfoo, and apt finds it by either name.
# libpulse0 is not optional: Qt's sound module does not load without the library, whether or not a server runs.
libraries_offscreen="libglib2.0-0 libgl1 libegl1 libfontconfig1 libdbus-1-3 libxkbcommon0 libpulse0"
libraries_screen="libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-image0
    libxcb-render-util0 libxcb-xkb1 libwayland-cursor0"
tools_test="xvfb xdotool x11-utils poppler-utils postgresql dbus-daemon at-spi2-core gir1.2-atspi-2.0 python3-gi"

say() { printf 'pencontrol: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# Sets $python. A name on PATH proves nothing (version managers leave dead shims), so each candidate has to run.
find_python() {
    if [ -n "${PENCONTROL_PYTHON:-}" ]; then
        set -- "$PENCONTROL_PYTHON"
    else
        set -- python3 python3.14 python3.13 python3.12 python3.11
    fi
    for python; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
    done
    found=$("$1" --version 2>&1) || found="none that runs"
    die "needs Python 3.11 or newer, and $1 is: $found. Install one (Debian 12 or later: apt-get install python3)" \
        "or name one in PENCONTROL_PYTHON."
}

# Prints those of its arguments dpkg does not know as installed.
missing_packages() {
    installed=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null |
        sed -n 's/^installed //p' | tr '\n' ' ')"
    for package; do
        case $installed in *" $package "* | *" ${package}t64 "*) ;; *) printf ' %s' "$package" ;; esac
    done
}

apt_install() {
    # A fresh image has no package lists and an old one has stale lists: only then is an update worth its time.
    set -- apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
    DEBIAN_FRONTEND=noninteractive "$@" >/dev/null 2>&1 </dev/null && return
    apt-get update >&2 </dev/null
    DEBIAN_FRONTEND=noninteractive "$@" >&2 </dev/null
}

# Sets $missing_must and $missing_may from $must and $may.
find_missing() {
    missing_must='' missing_may=''
    if [ "${PENCONTROL_SKIP_SYSTEM:-}" != 1 ] && command -v dpkg-query >/dev/null; then
        # shellcheck disable=SC2086 # package names are words
        missing_must=$(missing_packages $must) missing_may=$(missing_packages $may)
    fi # else not a Debian: Qt names a library it lacks, and we would only guess its package
}

prepare_system() {
    if [ "$(id -u)" = 0 ] && [ -n "$missing_must$missing_may" ]; then
        say "installing system packages:$missing_must$missing_may"
        # shellcheck disable=SC2086
        apt_install $missing_must $missing_may || say "apt-get failed, see above"
        find_missing
    fi
    [ -n "$missing_must" ] || return 0
    say "system packages are missing. This one command, as root, installs them:"
    printf '  apt-get update && apt-get install -y --no-install-recommends%s\n' "$missing_must$missing_may" >&2
    die "then call again (PENCONTROL_SKIP_SYSTEM=1 goes on without them)"
}

# Says which Python .venv runs and where it believes it stands: an upgraded Python and a moved or copied checkout (the
# scripts in .venv/bin hold absolute paths) both change the answer. Nothing to say means no working .venv.
venv_identity() {
    "$root/.venv/bin/python" -c 'import sys; print(*sys.version_info[:2], sys.prefix)' 2>/dev/null
}

# The stamp is not a digest but the very input .venv was made from: exact, readable, and any cmp can compare it.
venv_inputs() { venv_identity && cat "$root/requirements.lock" "$root/pyproject.toml"; }

venv_ready() { [ -f "$stamp" ] && venv_inputs | cmp -s - "$stamp"; }

prepare_venv() {
    # The stamp goes first and comes back last: an interrupted install leaves none, and without one nothing is kept.
    # With one, only the lists changed, so pip may mend in place, under whoever is running from this .venv.
    if [ -f "$stamp" ] && [ "$(head -n 1 "$stamp")" = "$(venv_identity)" ]; then
        say "bringing .venv up to date"
        rm -f "$stamp"
    else
        say "making .venv (once; a minute or two, most of it downloading)"
        rm -f "$stamp"
        rm -rf "$root/.venv"
        "$python" -m venv "$root/.venv" >&2 || die "could not make $root/.venv"
    fi
    [ -t 2 ] && quiet='' || quiet=1 # pip's progress is for people
    # --no-user: a "user = true" in somebody's pip.conf cannot work inside a venv. All else in it is honoured.
    # The build backend is in the lock too, hashed as the rest, so the project itself is installed with no network.
    set -- "$root/.venv/bin/python" -m pip --disable-pip-version-check install --no-user --no-input ${quiet:+-q}
    if ! "$@" --require-hashes -r "$root/requirements.lock" >&2 </dev/null ||
        ! "$@" --no-deps --no-build-isolation -e "$root" >&2 </dev/null; then
        die "pip could not install the packages (see above); the next call starts over"
    fi
    venv_inputs >"$stamp.new" && mv "$stamp.new" "$stamp"
}

prepare() {
    stamp=$root/.venv/pencontrol.stamp must='' may=''
    case $1 in
        headless) may=$libraries_offscreen ;; # a rehearsal draws nothing on a screen
        screen) must="$libraries_offscreen $libraries_screen" ;;
        test) must="$libraries_offscreen $libraries_screen $tools_test" ;;
        *) die "prepare: unknown kind $1" ;;
    esac
    find_missing
    # Without root only what must be there is a reason to go on from here: what may be there would nag at every call.
    [ "$(id -u)" = 0 ] || [ -n "$missing_must" ] || missing_may=''
    [ -z "$missing_must$missing_may" ] && venv_ready && return

    # Two calls at once: the second waits here, then finds the work done. apt-get and pip inherit the lock, so it
    # outlives a killed shell for as long as they run.
    if command -v flock >/dev/null; then
        exec 9<"$root/scripts/prepare.sh"
        flock -n 9 || { say "another call is preparing this checkout; waiting"; flock 9; }
    fi
    if ! venv_ready; then
        find_python
        # Debian keeps the part of venv that brings pip in a package of its own, named after the version.
        if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            command -v dpkg-query >/dev/null || die "$python lacks the modules venv and ensurepip"
            case ${python##*/} in python3.*) must="$must ${python##*/}-venv" ;; *) must="$must python3-venv" ;; esac
        fi
    fi
    find_missing
    prepare_system
    venv_ready || prepare_venv
    exec 9<&-
}
