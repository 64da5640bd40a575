# Shared by deploy/try and deploy/test: finds out what is missing and installs it through the system's package manager.
# POSIX sh. Sourced from the root of the repository.

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "$*"
    exit 1
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# Runs a command as root: directly, or through sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

root_announced=no
# Ends with the command to run where we cannot become root ourselves.
need_root_for() {
    if [ "$(id -u)" = 0 ] || [ "$root_announced" = yes ]; then
        return
    fi
    has sudo || fail "Installing needs root, and there is no sudo here. As root, run: $*"
    say "(Installing needs root, so sudo may ask for your password.)"
    root_announced=yes
}

# Names the package manager, or nothing where we know none.
package_manager() {
    for manager in apt-get dnf pacman zypper apk brew; do
        if has "$manager"; then
            echo "$manager"
            return
        fi
    done
}

# Installs packages, saying so first.
install_packages() {
    case $(package_manager) in
        apt-get) set -- apt-get install -y -qq --no-install-recommends "$@" ;;
        dnf) set -- dnf install -y "$@" ;;
        pacman) set -- pacman -S --needed --noconfirm "$@" ;;
        zypper) set -- zypper --non-interactive install "$@" ;;
        apk) set -- apk add "$@" ;;
        brew) set -- brew install "$@" ;;
        *) fail "Missing: $*. No package manager that we know was found here; please install it by hand." ;;
    esac
    say "Installing what is missing: $*"
    if [ "$1" = brew ]; then
        "$@" </dev/null || fail "That failed; the lines above say why."
        return
    fi
    need_root_for "$@"
    if [ "$1" = apt-get ]; then
        apt_update_once
        set -- env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 "$@"
    fi
    as_root "$@" </dev/null || fail "That failed; the lines above say why."
}

apt_updated=no
apt_update_once() {
    if [ "$apt_updated" = no ]; then
        as_root apt-get update -qq </dev/null || say "apt-get update failed; going on with the package lists at hand."
        apt_updated=yes
    fi
}

# Looks where the bot looks: on PATH, then where packages put the server.
has_postgres() {
    has postgres && has initdb && return 0
    for folder in /usr/lib/postgresql/*/bin /usr/lib/postgresql*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin \
        /usr/libexec/postgresql* /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
        [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ] && return 0
    done
    return 1
}

# Debian's package would otherwise make a database and leave a server running on port 5432; ours needs the programs only.
without_main_cluster() {
    conf=/etc/postgresql-common/createcluster.conf
    if grep -Eq '^[[:space:]]*create_main_cluster' "$conf" 2>/dev/null; then
        return
    fi
    # shellcheck disable=SC2016  # the inner shell expands $1
    as_root sh -c 'mkdir -p "${1%/*}" && echo "create_main_cluster = false" >>"$1"' sh "$conf"
}

need_postgres() {
    has_postgres && return
    case $(package_manager) in
        apt-get)
            need_root_for apt-get install -y --no-install-recommends postgresql
            without_main_cluster
            install_packages postgresql
            ;;
        dnf | zypper) install_packages postgresql-server ;;
        brew) install_packages postgresql@17 ;;
        *) install_packages postgresql ;;
    esac
    has_postgres || fail "PostgreSQL was installed, but its programs postgres and initdb were not found."
}

# The browser tests drive Chromium. Elsewhere than on Debian and its kin its names differ too much to guess.
need_browser() {
    browser=no
    if has chromium || has chromium-browser || has google-chrome; then
        browser=yes
    fi
    if [ $browser = yes ] && has chromedriver; then
        return
    fi
    if [ "$(package_manager)" = apt-get ]; then
        install_packages chromium chromium-driver
    else
        [ $browser = yes ] || say "Missing: Chromium. Please install it; the tests of the pages need it."
        has chromedriver || say "Missing: chromedriver of Chromium's version. Please install it; the tests of the pages need it."
    fi
}

# The sandbox is checked against the official clients of both platforms, in the versions of the lock files under
# tests/clients. They go into the target folder, and are installed anew only where a lock file has changed. Without them
# the tests say what they left out, so nothing here ends the run.
need_clients() {
    clients=${CARGO_TARGET_DIR:-target}/clients
    need_clients_for node package-lock.json || left_out Node
    need_clients_for python requirements.txt || left_out Python
    need_go || left_out Go
}

# Go checks an export of the log with its own libraries, which Debian and its kin package.
need_go() {
    has go && [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/note ] && return
    if [ "$(package_manager)" = apt-get ]; then
        (install_packages golang-go golang-golang-x-mod-dev)
    else
        say "Missing: Go, with golang.org/x/mod under /usr/share/gocode."
        return 1
    fi
}

need_clients_for() {
    from=tests/clients/$1
    to=$clients/$1
    cmp -s "$from/$2" "$to/installed/$2" && return
    "has_$1" || install_clients_runtime "$1" || return
    say "Installing the official clients of tests/clients/$1 into $to"
    rm -rf "$to"
    mkdir -p "$to/installed"
    "install_$1_clients" "$from" "$to" </dev/null && cp "$from/$2" "$to/installed/"
}

left_out() {
    say "The official clients for $1 could not be installed (see above): what is tested with them is left out."
}

# The clients need Node 20 and Python 3.10.
has_node() {
    has node && has npm && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'
}

has_python() {
    has python3 && python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null
}

install_clients_runtime() {
    if [ "$(package_manager)" = apt-get ]; then
        case $1 in
            node) (install_packages nodejs npm) ;;
            python) (install_packages python3 python3-venv) ;;
        esac
    fi
    "has_$1" && return
    case $1 in
        node) say "Missing: Node 20 or newer, with npm." ;;
        python) say "Missing: Python 3.10 or newer, with venv." ;;
    esac
    return 1
}

# No package may run anything while it is installed: none of them needs to.
install_node_clients() {
    cp "$1/package.json" "$1/package-lock.json" "$2/" &&
        npm ci --prefix "$2" --ignore-scripts --no-audit --no-fund --loglevel=error
}

install_python_clients() {
    python3 -m venv "$2" &&
        "$2/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$1/requirements.txt"
}

# Rust's installer puts cargo where a new shell finds it, which this one may not be.
need_cargo() {
    if ! has cargo && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
        PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
        export PATH
    fi
    has cargo || fail "Rust is not installed. Get it from https://rustup.rs (one command, no root needed), then run this again."
    has cc || need_linker
}

need_linker() {
    case $(package_manager) in
        apt-get) install_packages gcc libc6-dev ;;
        apk) install_packages gcc musl-dev ;;
        dnf | pacman | zypper) install_packages gcc ;;
        *) fail "No C compiler was found, and Rust links with one. On macOS, run: xcode-select --install" ;;
    esac
}
