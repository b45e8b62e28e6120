#!/usr/bin/env bash
# Bring .venv in line with requirements.txt and make the command `passerelle`; nothing to do takes no time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
here=$PWD
venv=.venv
stamp=$venv/.passerelle

up_to_date() {
  [ -x "$venv/bin/python" ] && [ -x "$venv/bin/passerelle" ] &&
    cmp -s requirements.txt "$stamp/requirements.txt" &&
    cmp -s pyproject.toml "$stamp/pyproject.toml" &&
    [ "$(cat "$stamp/place" 2>/dev/null)" = "$here" ]
}

say() { printf '%s\n' "$*" >&2; }

suitable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if command -v "$candidate" >/dev/null && suitable "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  say "Passerelle needs Python 3.11 or newer; ${PYTHON:-python3} is $(${PYTHON:-python3} --version 2>/dev/null || echo missing)."
  say "On Debian 12, Ubuntu 24.04 or newer: apt install python3 python3-venv"
  say "With another interpreter: make setup PYTHON=/path/to/python3"
  return 1
}

require_venv_module() {
  "$1" -c 'import ensurepip, venv' 2>/dev/null && return
  say "This Python cannot make virtual environments: the module ensurepip is missing."
  say "On Debian and Ubuntu: apt install python3-venv"
  say "(for an interpreter with a version in its name: apt install $("$1" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')-venv)"
  return 1
}

make_venv() {
  local python
  python=$(find_python)
  require_venv_module "$python"
  # An environment that lay elsewhere has the old place in all its scripts.
  if [ -f "$stamp/place" ] && [ "$(cat "$stamp/place")" != "$here" ] || ! [ -x "$venv/bin/python" ]; then
    say "Making $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
  fi
}

pip() { "$venv/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }

install_requirements() {
  say "Installing the locked requirements"
  if pip install --require-hashes --only-binary :all: -r deploy/uv.txt &&
    "$venv/bin/uv" pip sync --quiet --python "$venv/bin/python" --compile-bytecode --require-hashes \
      --only-binary :all: requirements.txt; then
    return
  fi
  say "uv did not do it; going on with pip and the same locked file"
  pip install --require-hashes --only-binary :all: -r requirements.txt
}

# setuptools is one of the locked requirements: nothing is fetched here.
install_project() { pip install --no-deps --no-build-isolation --no-index --config-settings editable_mode=compat --editable .; }

up_to_date && exit 0
make_venv
rm -rf "$stamp"
install_requirements
install_project
mkdir -p "$stamp"
cp requirements.txt pyproject.toml "$stamp/"
printf '%s\n' "$here" >"$stamp/place"
say "Ready: $venv"
