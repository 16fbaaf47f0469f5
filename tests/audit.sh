#!/bin/sh
# Looks at the licences, bans and sources of all dependencies, and at advisories where ISTIQBAL_ADVISORIES names a folder that
# holds the public advisory database of Rust (a checkout of rustsec/advisory-db; nothing is fetched here).
#
# cargo-deny is built once, pinned, into a folder outside the clone. Where it can't be built, the audit is skipped loudly.
set -eu

version=0.20.2
# Seconds that its build may take: about 8 minutes of a core.
build_seconds=1800
tools="${XDG_CACHE_HOME:-$HOME/.cache}/istiqbal-tools/cargo-deny-$version"
deny="$tools/bin/cargo-deny"

if [ ! -x "$deny" ]; then
    echo "cargo-deny $version is built once into $tools"
    timeout "$build_seconds" cargo install cargo-deny --version "=$version" --locked --quiet \
        --root "$tools" --target-dir "$tools/building" || true
    rm -rf "$tools/building"
fi
if [ ! -x "$deny" ]; then
    echo "SKIPPED: licences, bans, sources and advisories: cargo-deny $version can't be built here within $build_seconds seconds"
    exit 0
fi

"$deny" --all-features --locked check licenses bans sources

if [ -z "${ISTIQBAL_ADVISORIES:-}" ]; then
    echo "NOT LOOKED AT: advisories (ISTIQBAL_ADVISORIES=DIR names a folder with the public advisory database)"
    exit 0
fi
if [ ! -d "$ISTIQBAL_ADVISORIES/crates" ]; then
    echo "ISTIQBAL_ADVISORIES=$ISTIQBAL_ADVISORIES holds no advisory database: its folder crates/ is missing" >&2
    exit 1
fi
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
# Where cargo-deny looks for the database when it may fetch nothing: a repository, named after the address it would come from.
database="$work/advisory-db-3157b0e258782691"
git init --quiet "$database"
git -C "$database" -c user.name=audit -c user.email=audit@localhost commit --quiet --allow-empty --message advisories
ln -s "$(cd "$ISTIQBAL_ADVISORIES" && pwd)/crates" "$database/crates"
# Its table of advisories is the last of deny.toml.
{ cat deny.toml; echo "db-path = \"$work\""; } > "$work/deny.toml"
echo "Advisories of $(git -C "$ISTIQBAL_ADVISORIES" log -1 --format=%cs 2>/dev/null || echo "an unknown day"):"
"$deny" --all-features --locked --offline --config "$work/deny.toml" check advisories
