# make            set everything up and run the analysis to its report
# make help       what else there is
STUDY ?=
CORES ?= all
FIGURE ?=
N ?=
# A notebook for make notebook.
NAME := 03_change
ARCHIVE ?= archive/$(STUDY_NAME).tar.gz
# The first Python that is new enough; with none of them, python3 says so in one line.
PYTHON ?= $(or $(shell for name in python3 python3.13 python3.12 python3.11; do \
    $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
    && echo $$name && break; done),python3)

BIN := .venv/bin
STUDY_NAME := $(or $(STUDY),$(shell sed -n 's/^study: *//p' config.yaml))
RUN := $(BIN)/snakemake --cores $(CORES) $(if $(STUDY),--config study=$(STUDY))
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := all
.PHONY: all env test figures lab lint format lock manifest example registry docs docs-site notebook clean help \
    bench bench-isncsci bench-statistics bench-stages bench-cleaning simulate mutate fuzz check-isncsci

all: .venv/complete $(if $(filter registry,$(STUDY)),registry)  ## set up, run the analysis, say where the report is
	@$(RUN)
	@$(BIN)/python -m owncontrol summary results/$(STUDY_NAME)
	@echo "Report: results/$(STUDY_NAME)/report/report.html and report.pdf"

env: .venv/complete  ## only the environment, in .venv

test: .venv-test/complete  ## run all tests
	@.venv-test/bin/python -m pytest -n auto $(ARGS)

figures: .venv/complete  ## only the figures; FIGURE=name for one of them
	@$(RUN) -- $(if $(FIGURE),results/$(STUDY_NAME)/figures/$(FIGURE).pdf,figures)

.PHONY: pictures snakemake-report
pictures: .venv-test/complete  ## make the tests' reference pictures of the figures anew
	@.venv-test/bin/python -m pytest -n0 tests/unit/test_figures_pictures.py --mpl-generate-path=tests/pictures

snakemake-report: all  ## Snakemake's own report: each figure with its caption, and the run times
	@$(RUN) --report logs/$(STUDY_NAME)/snakemake-report.html
	@echo "Snakemake's report: logs/$(STUDY_NAME)/snakemake-report.html"

.PHONY: what-if diff verify
what-if: all  ## run without SUBJECT=code or EXCLUDE=file:row, or with RULE=key=value; show what differs
	@$(BIN)/python -m owncontrol what-if --cores $(CORES) $(if $(STUDY),--study $(STUDY)) \
	    $(foreach part,$(SUBJECT) $(EXCLUDE),--exclude "$(part)") $(foreach part,$(RULE),--rule "$(part)")

diff: .venv/complete  ## what differs between two results folders A=... and B=..., and why
	@$(BIN)/python -m owncontrol diff $(A) $(B)

verify: .venv/complete  ## hold each result against its recorded hash; REBUILD=yes makes altered ones anew
	@$(BIN)/python -m owncontrol verify results/$(STUDY_NAME) $(if $(REBUILD),--rebuild)
	@$(if $(REBUILD),$(RUN))

.PHONY: archive verify-archive
archive: all  ## the study with code and results in one file; RAW=no keeps only hashes of the raw files
	@$(BIN)/python -m owncontrol archive results/$(STUDY_NAME) $(ARCHIVE) $(if $(filter no,$(RAW)),--without-raw)

verify-archive: .venv/complete  ## run ARCHIVE=file anew without a network, compare all hashes; RAW=folder
	@$(BIN)/python -m owncontrol verify-archive $(ARCHIVE) $(if $(RAW),--raw $(RAW)) --cores $(CORES)

.PHONY: cluster test-slurm
cluster: .venv-cluster/complete  ## run a study on a Slurm cluster (profiles/slurm), from a folder that all nodes share
	@PATH="$(CURDIR)/.venv-cluster/bin:$$PATH" .venv-cluster/bin/snakemake --workflow-profile profiles/slurm \
	    $(if $(STUDY),--config study=$(STUDY)) $(ARGS)

test-slurm: .venv-cluster/complete  ## example and registry (N=5000) on a Slurm of one node that fails: same bytes as locally
	@.venv-cluster/bin/python benchmarks/run_on_slurm.py --subjects $(or $(N),5000)

.PHONY: torture recompute same-bytes
torture: .venv-test/complete  ## kill runs KILLS=50 times, fill the disk, close the folder, run two at once
	@.venv-test/bin/python benchmarks/torture.py --kills $(or $(KILLS),50) --seed $(or $(SEED),1) $(ARGS)

recompute: .venv-test/complete  ## every number of the analyses again, from nothing but what it names
	@RECOMPUTED=0 .venv-test/bin/python -m pytest -s tests/workflow/test_recomputed_numbers.py

same-bytes: .venv-test/complete  ## the example study on other days, in other places, time zones and locales: the same bytes
	@.venv-test/bin/python benchmarks/same_bytes.py

lab: .venv-lab/complete  ## the notebooks in JupyterLab
	@.venv-lab/bin/jupyter lab notebooks

lint: .venv-test/complete  ## style, types, workflow and notebooks
	@PATH="$(CURDIR)/.venv-test/bin:$$PATH" sh .ci/lint

format: .venv-test/complete  ## write the style that lint asks for
	@.venv-test/bin/ruff check --fix-only --quiet . && .venv-test/bin/ruff format --quiet .
	@.venv-test/bin/snakefmt Snakefile workflow 2>/dev/null

lock: .venv/complete  ## make the lock files anew from envs/*.yaml (needs uv)
	@sh envs/lock

bench: .venv-test/complete  ## the registry at several sizes; ARGS="--patients 100000"
	@.venv-test/bin/python benchmarks/bench_registry.py --docs docs/benchmarks.md $(ARGS)

bench-isncsci: .venv-test/complete  ## speed of the ISNCSCI classification
	@.venv-test/bin/python benchmarks/bench_isncsci.py --csv benchmarks/results/isncsci.csv

check-isncsci: .venv-test/complete  ## the ISNCSCI classification against plain Python, 28,000 exams
	@.venv-test/bin/python tests/campaign_isncsci.py

bench-statistics: .venv-bench/complete  ## speed of the exact tests beside other libraries
	@.venv-bench/bin/python benchmarks/bench_statistics.py

bench-stages: .venv-test/complete  ## where each second of the example study goes, beside the same in one process
	@.venv-test/bin/python benchmarks/bench_stages.py --docs docs/benchmarks.md

mutate: .venv-test/complete  ## corrupt the example exports in 2,400 ways and see what is found
	@.venv-test/bin/python benchmarks/mutate_exports.py $(ARGS)

fuzz: .venv-test/complete  ## throw 100,000 broken inputs at the readers and the commands
	@.venv-test/bin/python benchmarks/fuzz_inputs.py $(ARGS)

.PHONY: attack write-faults
attack: .venv-test/complete  ## try every attack of tests/attacks, say which got through; ARGS="--quick"
	@.venv-test/bin/python benchmarks/attack.py $(ARGS)

write-faults: .venv-test/complete  ## let the n-th write of a run fail; ARGS="--stride 1 --every-kind" for all
	@.venv-test/bin/python benchmarks/write_faults.py $(ARGS)

bench-cleaning: .venv-test/complete  ## a million exam rows ingested, validated and written
	@.venv-test/bin/python benchmarks/bench_cleaning.py $(ARGS)

simulate: .venv-test/complete  ## coverage and type-I error of the tests and intervals
	@.venv-test/bin/python benchmarks/simulate_coverage.py --docs docs/simulation.md

manifest: .venv/complete  ## record the raw files of a study as they are now
	@$(BIN)/python -m owncontrol manifest data/raw/$(STUDY_NAME)

example: .venv/complete  ## make the SYNTHETIC example study anew
	@$(BIN)/python workflow/scripts/simulate_study.py data/raw/example

# Made anew only for another N; without one, the registry that is there stays.
registry: .venv/complete  ## make a SYNTHETIC registry of N patients (200)
	@if [ ! -f data/raw/registry/MANIFEST ] || { [ -n "$(N)" ] && ! grep -qs "^$(N) SYNTHETIC" data/raw/registry/README.md; }; then \
	    $(BIN)/python workflow/scripts/simulate_study.py --registry --subjects $(or $(N),200) data/raw/registry; fi

docs: .venv/complete  ## make config/README.md anew from the schema
	@$(BIN)/python workflow/scripts/write_config_reference.py config/README.md

docs-site: .venv-docs/complete docs  ## the documentation as a site, in site/; no network needed
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --quiet --strict --site-dir site
	@echo "Documentation: site/index.html"

notebook: .venv-lab/complete all  ## open the executed notebook NAME (03_change) of a study
	@test -f "results/$(STUDY_NAME)/notebooks/$(NAME).ipynb" || { \
	    echo "error: NAME=$(NAME): no such notebook; there are:" \
	    $$(ls results/$(STUDY_NAME)/notebooks | sed 's/\.ipynb//') >&2; exit 1; }
	@.venv-lab/bin/jupyter lab results/$(STUDY_NAME)/notebooks/$(NAME).ipynb

clean:  ## remove results and logs of all studies (not the environment)
	@rm -rf results logs .snakemake

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'
	@echo "  STUDY=name chooses a study (config/<name>.yaml; registry takes N=100000), CORES=n limits the cores."

.venv/complete: envs/analysis.lock
	@$(PYTHON) envs/create.py .venv envs/analysis.lock

.venv-test/complete: envs/test.lock
	@$(PYTHON) envs/create.py .venv-test envs/test.lock

.venv-bench/complete: envs/bench.lock
	@$(PYTHON) envs/create.py .venv-bench envs/bench.lock

.venv-lab/complete: envs/lab.lock
	@$(PYTHON) envs/create.py .venv-lab envs/lab.lock

.venv-cluster/complete: envs/cluster.lock
	@$(PYTHON) envs/create.py .venv-cluster envs/cluster.lock

.venv-docs/complete: envs/docs.lock
	@$(PYTHON) envs/create.py .venv-docs envs/docs.lock
