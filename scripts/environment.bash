# Sourced by the scripts beside it: finds a Python, makes a virtual environment, keeps it up to date.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
NEWEST=14 # the newest 3.x that pyproject.toml names
OLDEST=10

die() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Prints "3.12 /its/path", or nothing for what is no working CPython from 3.10 on with venv and ensurepip.
describe_python() {
    "$1" -c 'if True:
        import sys, venv, ensurepip
        if sys.implementation.name == "cpython" and sys.version_info >= (3, '$OLDEST'):
            print("%d.%d" % sys.version_info[:2], sys.executable)' 2>/dev/null || true
}

# Candidates, the preferred first, one a line: $PYTHON, what PATH has, what lies where PATH may not
# look (official images and Homebrew: $PYTHON_FOLDERS), what pyenv and uv installed.
python_candidates() {
    local minor folder
    [ -z "${PYTHON:-}" ] || printf '%s\n' "$PYTHON"
    printf 'python3\n'
    for ((minor = NEWEST; minor >= OLDEST; minor--)); do
        printf 'python3.%s\n' "$minor"
        for folder in ${PYTHON_FOLDERS-/usr/local/bin /opt/homebrew/bin}; do
            printf '%s/python3.%s\n' "$folder" "$minor"
        done
        compgen -G "${PYENV_ROOT:-$HOME/.pyenv}/versions/3.$minor.*/bin/python" || true
        compgen -G "$HOME/.local/share/uv/python/cpython-3.$minor.*/bin/python3" || true
    done
    printf 'python\n'
}

# Prints the path of the first candidate that will do; with an argument such as 3.12, of that version only.
find_python() {
    local wanted=${1:-} candidate version path
    while read -r candidate; do
        read -r version path < <(describe_python "$candidate") || continue
        [ -n "$wanted" ] && [ "$version" != "$wanted" ] && continue
        printf '%s\n' "$path"
        return 0
    done < <(python_candidates)
    return 1
}

no_python() {
    local found
    found=$(command -v python3 || true)
    die "No CPython >= 3.$OLDEST with venv and ensurepip was found (PATH, ~/.pyenv, ~/.local/share/uv)." \
        "${found:+python3 here is $found: $("$found" --version 2>&1).}" \
        "On Debian or Ubuntu: apt install python3 python3-venv. Elsewhere: PYTHON=/path/to/python3 $0"
}

# What an environment depends on: a second run with the same answer installs nothing.
environment_stamp() {
    printf '%s %s\n' "$ROOT" "$(cat "$ROOT/pyproject.toml" "${BASH_SOURCE[0]}" | cksum)"
}

environment_ready() {
    [ -x "$1/bin/python" ] && [ "$(cat "$1/.stamp" 2>/dev/null)" = "$(environment_stamp)" ]
}

install_environment() {
    local venv=$1 python=$2 log=$1.log started=$SECONDS
    printf 'Installing into %s with %s, once; a minute or two ...\n' "${venv#"$ROOT"/}" "$python" >&2
    {
        [ -n "$(describe_python "$venv/bin/python")" ] || "$python" -m venv --clear "$venv"
        # --group needs pip 25.1.
        "$venv/bin/python" -m pip install --upgrade 'pip>=25.1' &&
            "$venv/bin/python" -m pip install --editable "${ROOT}[all]" --group "$ROOT/pyproject.toml:dev"
    } >"$log" 2>&1 || die "$(tail -n 25 "$log")" "Installing failed; the whole story is in $log"
    environment_stamp >"$venv/.stamp"
    rm -f "$log"
    printf 'Installed in %d s.\n' "$((SECONDS - started))" >&2
}

# make_environment FOLDER [VERSION]: afterwards FOLDER/bin/python runs the project and its tools.
make_environment() {
    local venv=$1 python
    environment_ready "$venv" && return 0
    python=$(find_python "${2:-}") || no_python
    (
        # Two scripts started together install once.
        if command -v flock >/dev/null; then flock 9; fi
        environment_ready "$venv" || install_environment "$venv" "$python"
    ) 9>"$venv.lock"
}
