# Part of the Vyre project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The commands a person types. Each does all it needs from a clean clone and,
# the second time, only what changed; CMake and Ninja do the work.

PRESET ?= release
JOBS ?= $(shell nproc)
BUILD = build/$(PRESET)
# What is installed: for the runtime alone, no compiler.
ifeq ($(PRESET),runtime-only)
READY = build/.bootstrap-runtime
BOOTSTRAP = .ci/bootstrap --runtime-only
else
READY = build/.bootstrap
BOOTSTRAP = .ci/bootstrap
endif
SECONDS_OF_FUZZING ?= 60

.DEFAULT_GOAL := build
.PHONY: help build demo check format docs fuzz bench install clean

help: ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 18

# Missing packages are looked for once per change of the list.
$(READY): .ci/bootstrap python/requirements.txt
	@$(BOOTSTRAP)
	@touch $@

$(BUILD)/build.ninja: CMakePresets.json | $(READY)
	@cmake --preset $(PRESET) >build/configure-$(PRESET).log 2>&1 || \
	  { cat build/configure-$(PRESET).log; exit 1; }

build: $(READY) $(BUILD)/build.ninja ## Build PRESET (release, debug, runtime-only, sanitize, tsan)
	@cmake --build $(BUILD) --parallel $(JOBS)

demo: $(READY) $(BUILD)/build.ninja ## Compile, run and check the digits classifier
	@cmake --build $(BUILD) --parallel $(JOBS) --target vyre-demo-tools
	@build/.venv/bin/python3 docs/examples/digits/demo.py --bin $(BUILD)/bin

check: $(READY) ## Build everything and run every test; ends with 'N passed, N failed'
	@build/.venv/bin/python3 .ci/check.py --jobs $(JOBS)

format: $(READY) ## Format the C and C++ sources
	@.ci/format

docs: $(READY) $(BUILD)/build.ninja ## Write the generated pages of docs/ anew
	@.ci/docs

fuzz: $(READY) ## Run every fuzzer for SECONDS_OF_FUZZING each
	@cmake --preset fuzz >/dev/null
	@cmake --build build/fuzz --parallel $(JOBS)
	@.ci/fuzz $(SECONDS_OF_FUZZING)

bench: $(READY) ## Run the benchmarks
	@cmake --preset bench >/dev/null
	@cmake --build build/bench --parallel $(JOBS) --target vyre-bench
	@build/bench/bin/vyre-bench

install: build ## Install to PREFIX (default: CMake's)
	@cmake --install $(BUILD) $(if $(PREFIX),--prefix $(PREFIX))

clean: ## Remove what was built, but not what was installed
	@rm -rf build/*
