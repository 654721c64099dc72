#!/bin/sh
# Usage: system-packages.sh PACKAGE:PROGRAM… (or PACKAGE:/FILE)
# Installs the Debian packages whose programs or files are missing, without starting any service of theirs.
set -eu

PATH=$PATH:/usr/sbin:/sbin # where Debian puts servers, and where only root looks by default
policy=/usr/sbin/policy-rc.d

missing=""
for wanted in "$@"; do
    [ -e "${wanted#*:}" ] || command -v "${wanted#*:}" >/dev/null || missing="$missing ${wanted%%:*}"
done
[ -n "$missing" ] || exit 0

fail() {
    echo "Missing:$missing. $1" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

forbid_services() {
    [ -e "$policy" ] && return
    trap 'as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

install() {
    # shellcheck disable=SC2086 # $missing is several words
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends $missing
}

forbid_services_after_a_reboot() {
    for unit in rabbitmq-server.service epmd.service epmd.socket; do
        as_root systemctl disable "$unit" >/dev/null 2>&1 || true
    done
}

command -v apt-get >/dev/null || fail "Install what your system calls it, then run 'make setup' again."
[ "$(id -u)" = 0 ] || command -v sudo >/dev/null || fail "Run as root: apt-get install$missing"

forbid_services
ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || as_root apt-get update --quiet || fail "apt-get update failed."
install || { as_root apt-get update --quiet && install; } || fail "apt-get could not install it; its messages say why."
case "$missing" in *rabbitmq-server*) forbid_services_after_a_reboot ;; esac
