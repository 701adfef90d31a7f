# SPDX-License-Identifier: MIT
# Front door only: every target is one call into Meson or a script.
BUILD ?= build
# What is needed is there before the build is configured; ninja is parallel.
.NOTPARALLEL:

all: setup ## compile the library, the command and the examples
	@ninja -C $(BUILD) product

needs-tests:
	@scripts/bootstrap --tests

needs-servers:
	@scripts/bootstrap --servers

setup: ## ask for missing system packages and configure the build
	@scripts/bootstrap
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD)

install: all ## install what was compiled; DESTDIR is honoured
	@meson install -C $(BUILD) --no-rebuild

demo: all ## start an echo server, talk to it, show a refused connection
	@scripts/demo $(BUILD)

test: needs-tests all ## run the tests that a change needs (two minutes)
	@meson test -C $(BUILD) --no-suite exhaustive --print-errorlogs

test-all: needs-servers all ## run all tests, with what they need that is not on every desk
	@scripts/node26 $(BUILD)
	@meson test -C $(BUILD) --print-errorlogs

matrix: needs-tests setup ## run the tests with other versions of OpenSSL, from Debian
	@scripts/openssl-matrix $(BUILD)

asan: needs-tests setup ## run the tests under AddressSanitizer and UBSan
	@scripts/sanitize $(BUILD)-asan address,undefined

tsan: needs-tests setup ## run the tests that use threads under ThreadSanitizer
	@scripts/sanitize $(BUILD)-tsan thread --suite threads

fmt: setup ## format the code as .clang-format has it
	@scripts/format --write

lint: all ## check layers, exported names, sizes, documents, format, clang-tidy
	@scripts/lint $(BUILD)

node: ## build the Node addon in bindings/node
	@scripts/node-build

bench: setup ## measure beside the peers (takes minutes)
	@scripts/bench $(BUILD)-bench

clean: ## remove what was built
	@rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-tsan $(BUILD)-bench \
	  $(BUILD)-openssl

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: all needs-tests needs-servers setup install demo test test-all matrix asan tsan fmt lint node bench clean help
