#!/bin/sh
# Installs what the tests and figures compare with from PyPI, each pinned, beside what is built: decoders of QR codes and another
# maker of receipts (for python3), a reader of PDFs, and a receipt printer played by foreign hands (it needs Python 3.13 or newer).
set -eu

folder="${CARGO_TARGET_DIR:-target}/tmp/python"
mkdir -p "$folder"

# install NAME PYTHON PACKAGES…: a virtual environment with these packages, made once.
install() {
    place="$folder/$1"
    python="$2"
    shift 2
    [ "$(cat "$place/packages" 2>/dev/null || true)" = "$*" ] && return 0
    rm -rf "$place" && "$python" -m venv "$place" &&
        "$place/bin/pip" install --quiet --disable-pip-version-check "$@" && echo "$*" > "$place/packages"
}

skip() {
    echo "SKIPPED: $1"
    [ -z "${ISTIQBAL_SKIP_NOTHING:-}" ] || exit 1
}

install decoders python3 zxing-cpp==3.1.1 pillow==12.3.0 python-escpos==3.1 ||
    skip "zxing-cpp and python-escpos: PyPI can't be reached, or python3-venv is missing"

install readers python3 pypdfium2==5.15.2 pillow==12.3.0 || skip "pypdfium2: PyPI can't be reached, or python3-venv is missing"

for python in python3.14 python3.13 python3 "${PYENV_ROOT:-/nowhere}"/versions/3.1[3-9]*/bin/python; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 13))' 2>/dev/null; then
        install emupos "$python" emupos==0.4.0 || skip "emupos, the foreign receipt printer: PyPI can't be reached"
        exit 0
    fi
done
# Debian 12 and Ubuntu 24.04 have an older Python: our own printer that misbehaves stands in there.
echo "SKIPPED: emupos, the foreign receipt printer (it needs Python 3.13 or newer)"
