# Istiqbal: `make run` and `make test` do all the set-up on a fresh Debian or Ubuntu with Rust.

# What the programs need beyond Rust: a C compiler for SQLite and AWS-LC; for the tests also Chromium and its driver, in which the staff
# pages are walked through, zbar, which reads QR codes, strace, which lets system calls fail, the tools of ext4, whose power is
# cut, and Python for what comes from PyPI (tests/python.sh).
BUILD_PACKAGES = gcc libc6-dev
# Figures stand beside their rivals: a browser that shows an equal page on an equal display.
BENCH_PACKAGES = $(BUILD_PACKAGES) xvfb chromium zbar-tools python3-venv
TEST_PACKAGES = $(BUILD_PACKAGES) chromium chromium-driver zbar-tools strace e2fsprogs mount perl-base python3-venv

.PHONY: run test simulate pictures bench check audit setup-run setup-test setup-bench

# The whole demo: an office, a kiosk in a window (or, without a display, a walk through its screens), and a printer that
# draws PNG files. DEMO="--headless" or DEMO="--dir other" go to the program.
run: setup-run
	cargo run --release --locked -- demo $(DEMO)

test: setup-test
	@[ "$$(id -u)" -eq 0 ] || echo "SKIPPED: power cuts, full and read-only disks (they mount file systems: run as root)"
	@if cargo nextest --version >/dev/null 2>&1; then \
		cargo nextest run --workspace --locked --no-fail-fast; \
	else \
		cargo test --workspace --locked --no-fail-fast; \
	fi

# Tells stories of a kiosk and its office by random seeds, until one goes wrong.
simulate: setup-test
	cargo test --locked --lib stories_without_end -- --ignored --nocapture

# Stores the pictures of all screens and papers anew, after a person has looked at what changed.
pictures: setup-test
	ISTIQBAL_RENEW_PICTURES=1 cargo test --locked --test main pictures

# Figures beside their limits and rivals, measured in one run. ISTIQBAL_BENCH_DIR chooses the file system.
bench: setup-bench
	cargo bench --locked --bench ledger --bench office --bench screens --bench receipts

# What CI asks beside the tests: one style, no warnings.
check:
	cargo fmt --all -- --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo clippy --lib --bins --locked --no-default-features --features office -- -D warnings
	cargo clippy --lib --bins --locked --no-default-features --features kiosk -- -D warnings

# Licences, bans and sources of all dependencies, and advisories where ISTIQBAL_ADVISORIES names a folder with the database.
audit:
	@sh tests/audit.sh

setup-run:
	@sh tests/setup.sh $(BUILD_PACKAGES)

setup-bench:
	@sh tests/setup.sh $(BENCH_PACKAGES)
	@sh tests/python.sh

setup-test:
	@sh tests/setup.sh $(TEST_PACKAGES)
	@sh tests/python.sh
