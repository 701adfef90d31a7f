# SPDX-License-Identifier: MIT
# Front door only: every target is one call into Meson or a script.
BUILD ?= build

all: setup ## compile the library, the command, the examples and the tests
	@ninja -C $(BUILD)

setup: ## install missing system packages and configure the build
	@scripts/bootstrap
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD)

demo: all ## start an echo server, talk to it, show a refused connection
	@scripts/demo $(BUILD)

test: all ## run the tests that a change needs (two minutes)
	@meson test -C $(BUILD) --no-suite exhaustive --print-errorlogs

test-all: all ## run all tests, with what they need that is not on every desk
	@scripts/bootstrap --servers
	@scripts/node26 $(BUILD)
	@meson test -C $(BUILD) --print-errorlogs

matrix: setup ## run the tests with other versions of OpenSSL, from Debian
	@scripts/openssl-matrix $(BUILD)

asan: setup ## run the tests under AddressSanitizer and UBSan
	@scripts/sanitize $(BUILD)-asan address,undefined

tsan: setup ## run the tests that use threads under ThreadSanitizer
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

.PHONY: all setup demo test test-all matrix asan tsan fmt lint node bench clean help
