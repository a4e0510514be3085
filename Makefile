# make            set everything up and run the analysis to its report
# make help       what else a user needs; make help-all: all targets
#
# Each target is a call of one command, owncontrol. What a user gives reaches it through the
# environment, so that no value is ever read by a shell.
STUDY ?=
CORES ?= all
FIGURE ?=
VERBOSE ?=
N ?=
# A notebook for make notebook.
NAME := 03_change
# The first Python that is new enough; with none of them, python3 says so in one line.
PYTHON ?= $(or $(shell for name in python3 python3.13 python3.12 python3.11; do \
    $$name -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
    && echo $$name && break; done),python3)
export STUDY CORES FIGURE VERBOSE N NAME ARCHIVE RAW SUBJECT EXCLUDE RULE A B

# Isolated (-I): nothing outside of the environment is imported.
OWN := .venv/bin/owncontrol
RUN := $(OWN) run $${STUDY:+--study "$$STUDY"} --cores "$$CORES" $${VERBOSE:+--verbose}
# The study in a recipe, its name checked: $$study.
NAMED := study=$$($(OWN) study $${STUDY:+"$$STUDY"})

.DEFAULT_GOAL := all
.PHONY: all env test figures lab lint format lock manifest example registry docs docs-site notebook clean help \
    bench bench-isncsci bench-statistics bench-stages bench-cleaning simulate mutate fuzz check-isncsci

all: .venv/complete $(if $(filter registry,$(STUDY)),registry)  ### set up, run the analysis, say where the report is
	@$(RUN)

env: .venv/complete  ## only the environment, in .venv

.PHONY: shell
shell: .venv/complete  ### a shell in which owncontrol is a command (exit leaves it)
	@echo "owncontrol is a command here; 'owncontrol --help' lists what it does, 'exit' leaves this shell."
	@unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES NEAREST MISTYPED; \
	PATH="$$PWD/.venv/bin:$$PATH" "$${SHELL:-/bin/sh}" || true

# A file's tests stay in one process, so that what they share is made once; long files come first.
SIDE_BY_SIDE := -n auto --dist loadfile --no-loadscope-reorder

test: .venv-test/complete  ## run all tests
	@.venv-test/bin/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

.PHONY: test-quick mutants
test-quick: .venv-test/complete  ## the unit tests without those marked slow, in under two minutes
	@.venv-test/bin/python -m pytest $(SIDE_BY_SIDE) -m "not slow" tests/unit $(ARGS)

mutants: .venv-test/complete  ## change the code in 150 small ways, see which no test notices; ARGS="--count 500 --seed 1"
	@.venv-test/bin/python tests/campaigns/mutants.py $(ARGS)

figures: .venv/complete  ### only the figures; FIGURE=name for one of them
	@$(RUN) $${FIGURE:+--figure "$$FIGURE"} $(if $(FIGURE),,--figures)

.PHONY: pictures snakemake-report
pictures: .venv-test/complete  ## make the tests' reference pictures of the figures again
	@.venv-test/bin/python -m pytest -n0 tests/unit/figures/test_figures_pictures.py --mpl-generate-path=tests/pictures

snakemake-report: all  ## Snakemake's own report: each figure with its caption, and the run times
	@$(RUN) --snakemake-report

.PHONY: check
check: .venv/complete  ### everything that a run of a study would refuse, all at once
	@$(OWN) check $${STUDY:+"$$STUDY"}

.PHONY: freeze
freeze: .venv/complete  ### write down the plan of a study before its data; ARGS='--who NAME --registry NUMBER'
	@$(OWN) freeze $${STUDY:+"$$STUDY"} $(ARGS)

.PHONY: what-if diff verify
what-if: all  ### run without SUBJECT=code or EXCLUDE=file:row, or with RULE=key=value; show what differs
	@set -f; set -- $${STUDY:+--study "$$STUDY"}; \
	for part in $$SUBJECT $$EXCLUDE; do set -- "$$@" --exclude "$$part"; done; \
	for part in $$RULE; do set -- "$$@" --rule "$$part"; done; \
	$(OWN) what-if --cores "$$CORES" "$$@"

diff: .venv/complete  ## what differs between two results folders A=... and B=..., and why
	@$(OWN) diff "$$A" "$$B"

verify: .venv/complete  ### check each result against its recorded hash; REBUILD=yes makes altered ones again
	@$(NAMED) && $(OWN) verify "results/$$study" $(if $(REBUILD),--rebuild) $(ARGS)
	@$(if $(REBUILD),$(RUN))

.PHONY: archive verify-archive
archive: all  ### the study with code and results in one file; RAW=yes puts the raw files in as well
	@$(NAMED) && $(OWN) archive "results/$$study" "$${ARCHIVE:-archive/$$study.tar.gz}" $(if $(filter yes,$(RAW)),--with-raw)

verify-archive: .venv/complete  ## run the study of ARCHIVE=file again, compare all hashes; RAW=folder
	@$(NAMED) && $(OWN) verify-archive "$${ARCHIVE:-archive/$$study.tar.gz}" $${RAW:+--raw "$$RAW"} --cores "$$CORES" $(ARGS)

.PHONY: cluster test-slurm
cluster: .venv-cluster/complete  ## run a study on a Slurm cluster (profiles/slurm), from a folder that all nodes share
	@.venv-cluster/bin/owncontrol run $${STUDY:+--study "$$STUDY"} --profile slurm -- $(ARGS)

test-slurm: .venv-cluster/complete  ## example and registry (N=5000) on a Slurm of one node that fails: same bytes as locally
	@.venv-cluster/bin/python tests/campaigns/run_on_slurm.py --subjects "$${N:-5000}"

.PHONY: torture recompute same-bytes
torture: .venv-test/complete  ## kill runs KILLS=50 times, fill the disk, close the folder, run two at once
	@.venv-test/bin/python tests/campaigns/torture.py --kills $(or $(KILLS),50) --seed $(or $(SEED),1) $(ARGS)

recompute: .venv-test/complete  ## every number of the analyses again, from nothing but what it names
	@RECOMPUTED=0 .venv-test/bin/python -m pytest -s tests/workflow/test_recomputed_numbers.py

same-bytes: .venv-test/complete  ## the example study on other days, in other places, time zones and locales: the same bytes
	@.venv-test/bin/python tests/campaigns/same_bytes.py

lab: .venv-lab/complete  ## the notebooks in JupyterLab
	@.venv-lab/bin/python -m jupyter lab notebooks

lint: .venv-test/complete  ## style, types, workflow and notebooks
	@PATH="$$PWD/.venv-test/bin:$$PATH" sh .ci/lint

format: .venv-test/complete  ## write the style that lint asks for
	@.venv-test/bin/ruff check --fix-only --quiet . && .venv-test/bin/ruff format --quiet .
	@.venv-test/bin/snakefmt Snakefile workflow 2>/dev/null

lock: .venv/complete  ## make the lock files again from envs/*.yaml (needs uv)
	@sh envs/lock

bench: .venv-test/complete .venv-bench/complete  ## the registry at several sizes; ARGS="--patients 100000 --sites 100"
	@.venv-test/bin/python benchmarks/bench_registry.py --docs docs/benchmarks.md $(ARGS)

bench-isncsci: .venv-test/complete  ## speed of the ISNCSCI classification
	@.venv-test/bin/python benchmarks/bench_isncsci.py --csv benchmarks/results/isncsci.csv

check-isncsci: .venv-test/complete  ## the ISNCSCI classification against plain Python, 28,000 exams
	@.venv-test/bin/python tests/campaigns/campaign_isncsci.py

bench-statistics: .venv-bench/complete  ## speed of the exact tests beside other libraries
	@.venv-bench/bin/python benchmarks/bench_statistics.py

bench-stages: .venv-test/complete  ## where each second of the example study goes, beside the same in one process
	@.venv-test/bin/python benchmarks/bench_stages.py --docs docs/benchmarks.md

mutate: .venv-test/complete  ## corrupt the example exports in 2,400 ways and see what is found
	@.venv-test/bin/python tests/campaigns/mutate_exports.py $(ARGS)

fuzz: .venv-test/complete  ## throw 100,000 broken inputs at the readers and the commands
	@.venv-test/bin/python tests/campaigns/fuzz_inputs.py $(ARGS)

.PHONY: attack write-faults
attack: .venv-test/complete  ## try every attack of tests/campaigns/attacks, say which got through; ARGS="--quick"
	@.venv-test/bin/python tests/campaigns/attack.py $(ARGS)

write-faults: .venv-test/complete  ## let the n-th write of a run fail; ARGS="--stride 1 --every-kind" for all
	@.venv-test/bin/python tests/campaigns/write_faults.py $(ARGS)

.PHONY: without-speed snakemake-versions
without-speed: .venv-test/complete  ## without each name that a speed-up leans on: the same bytes; ARGS="--whole"
	@.venv-test/bin/python tests/campaigns/without_speed.py $(ARGS)

snakemake-versions: .venv/complete  ## with the oldest and the newest Snakemake: the same bytes; ARGS="9.14.0 9.20.0"
	@.venv/bin/python tests/campaigns/snakemake_versions.py $(ARGS)

bench-cleaning: .venv-test/complete  ## a million exam rows ingested, validated and written
	@.venv-test/bin/python benchmarks/bench_cleaning.py $(ARGS)

simulate: .venv-test/complete  ## coverage and type-I error of the tests and intervals
	@.venv-test/bin/python tests/campaigns/simulate_coverage.py --docs docs/simulation.md

manifest: .venv/complete  ## record the raw files of a study as they are now; ARGS='--why "..."' if one changed
	@$(NAMED) && $(OWN) manifest "data/raw/$$study" $(ARGS)

example: .venv/complete  ## make the SYNTHETIC example study again
	@.venv/bin/python -I workflow/scripts/simulate_study.py data/raw/example --freeze example

# Made again only for another N; without one, the registry that is there stays.
registry: .venv/complete  ## make a SYNTHETIC registry of N patients (200)
	@if [ ! -f data/raw/registry/MANIFEST ] || { [ -n "$$N" ] && ! grep -qs "^$$N SYNTHETIC" data/raw/registry/README.md; }; then \
	    .venv/bin/python -I workflow/scripts/simulate_study.py --registry --subjects "$${N:-200}" data/raw/registry; fi

docs: .venv/complete  ## make config/README.md, the schema and docs/reference again from what they describe
	@.venv/bin/python -I workflow/scripts/write_config_reference.py config/README.md \
	    workflow/schemas/config.schema.yaml
	@.venv/bin/python -I workflow/scripts/write_reference.py docs

.PHONY: gallery
gallery: all  ## the pictures of docs/gallery.md again, from the example study
	@.venv/bin/python -I workflow/scripts/write_gallery.py results/example docs

docs-site: .venv-docs/complete docs  ## the documentation as a site, in site/; no network needed
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/python -m mkdocs build --quiet --strict --site-dir site
	@echo "Documentation: site/index.html"

notebook: .venv-lab/complete all  ## open the executed notebook NAME (03_change) of a study
	@$(NAMED) && folder="results/$$study/notebooks" && if [ -f "$$folder/$$NAME.ipynb" ]; \
	then .venv-lab/bin/python -m jupyter lab "$$folder/$$NAME.ipynb"; \
	else echo "error: NAME=$$NAME: no such notebook; there are:" \
	    $$(ls "$$folder" | sed 's/\.ipynb//') >&2; exit 1; fi

clean:  ## remove results and logs of all studies (not the environment)
	@rm -rf results logs .snakemake

# Targets with three signs before their words.
help:  ## what a user needs
	@sed -n 's/^\([a-z-]*\):.*### \(.*\)/  make \1|\2/p' Makefile | sed 's/make all|/make|/' | awk -F'|' '{printf "%-17s %s\n", $$1, $$2}'
	@echo "  make help-all   all targets, also those for working on the program"
	@echo "STUDY=name chooses a study (config/name.yaml), CORES=n limits the cores, VERBOSE=1 shows all messages."

.PHONY: help-all
help-all:  ## this list
	@sed -n 's/^\([a-z-]*\):.*##* \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-25s %s\n", $$1, $$2}'
	@echo "  STUDY=name chooses a study (config/<name>.yaml; registry takes N=100000), CORES=n limits the cores."

# A target that there is not: one line with the nearest names, in Python's own standard library.
export MISTYPED = $@
.DEFAULT:
	@$(PYTHON) -I -c "$$NEAREST"
export NEAREST
define NEAREST
import difflib, os, re, sys
wanted = os.environ["MISTYPED"]
known = re.findall(r"^([a-z][a-z-]*):", open("Makefile").read(), re.MULTILINE)
near = difflib.get_close_matches(wanted, known, 3)
hint = "did you mean make " + " or make ".join(near) if near else "make help lists what there is"
sys.exit(f"error: make {wanted}: no such target; {hint}")
endef

# Each environment from its lock file; again where it was made in another folder, or where
# its Python does not start any more.
.PHONY: again
.SECONDEXPANSION:
usable = [ "$$(cat $(1)/complete)" = "$$(cd -P $(1)/.. && pwd -P)" ] && [ -x $(1)/bin/owncontrol ] \
    && $(1)/bin/python -I -c 'import owncontrol'
unusable = $(if $(shell { $(usable); } 2>/dev/null && echo yes),,again)

.venv/complete: envs/analysis.lock $$(call unusable,.venv)
	@$(PYTHON) -I envs/create.py .venv envs/analysis.lock

.venv-test/complete: envs/test.lock $$(call unusable,.venv-test)
	@$(PYTHON) -I envs/create.py .venv-test envs/test.lock

.venv-bench/complete: envs/bench.lock $$(call unusable,.venv-bench)
	@$(PYTHON) -I envs/create.py .venv-bench envs/bench.lock

.venv-lab/complete: envs/lab.lock $$(call unusable,.venv-lab)
	@$(PYTHON) -I envs/create.py .venv-lab envs/lab.lock

.venv-cluster/complete: envs/cluster.lock $$(call unusable,.venv-cluster)
	@$(PYTHON) -I envs/create.py .venv-cluster envs/cluster.lock

.venv-docs/complete: envs/docs.lock $$(call unusable,.venv-docs)
	@$(PYTHON) -I envs/create.py .venv-docs envs/docs.lock
