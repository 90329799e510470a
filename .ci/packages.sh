# Shell functions that say what is done, and install what is missing where they can. Read by the
# scripts beside it; what the tools print goes to a log, and is shown only when one of them fails.

say() { printf '%s\n' "$*" >&2; }
give_up() { say "$*"; exit 1; }
found() { command -v "$1" >/dev/null 2>&1; }

log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
quietly() { "$@" >>"$log" 2>&1 </dev/null; }

# Runs a command as root where that takes no password.
as_root() {
    # Package scripts need folders that a bare environment often leaves out.
    path="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
    if [ "$(id -u)" = 0 ]; then
        env PATH="$path" DEBIAN_FRONTEND=noninteractive "$@"
    else
        found sudo && sudo -n env PATH="$path" DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

apt_install() {
    found apt-get || return 1
    say "Installing $1 (apt-get) …"
    # A fresh machine has no lists of packages, and an old one has lists of files that are gone.
    quietly as_root apt-get install -y --no-install-recommends "$1" || {
        quietly as_root apt-get update &&
            quietly as_root apt-get install -y --no-install-recommends "$1"
    }
}

# Sees to it that a program is there, out of a package that is called the same everywhere. Where
# it can't, $command says what does.
provide() {
    found "$1" && return
    if found apt-get; then
        command="sudo apt-get install $2"
        apt_install "$2"
    elif found brew; then
        command="brew install $2"
        say "Installing $2 (brew) …"
        quietly brew install "$2"
    else
        command="the package manager of this machine: its package is called $2"
        false
    fi && found "$1"
}
