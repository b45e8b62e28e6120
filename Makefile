SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo run test check bench lock

PROFILE ?= embedded
WORKERS ?= 2
BIN := .venv/bin

help:  ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

setup:  ## Make .venv from the locked requirements (every other target does this first)
	@PYTHON="$(PYTHON)" deploy/setup.sh

demo: setup  ## Play the demonstration; PROFILE=distributed plays it on PostgreSQL and Apache Kafka
	@$(BIN)/python -m deploy.demo --profile $(PROFILE)

run: setup  ## Serve the embedded system with the demo consortium; prints addresses and tokens
	@$(BIN)/python -m deploy.demo serve

test: setup  ## Run all tests; PostgreSQL and Apache Kafka are started here
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(TESTS)

check: setup  ## Formatting, lint, types and import rules
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup  ## Measure signing and both profiles on this machine, goals beside the figures
	@$(BIN)/python -m bench

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-header --no-annotate pyproject.toml

lock: setup  ## Lock the dependencies anew after a change in pyproject.toml
	@$(LOCK) --all-extras -o requirements.txt
	@$(LOCK) -c requirements.txt -o deploy/requirements.txt
