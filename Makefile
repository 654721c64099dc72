PYTHON ?= python3
BIN := .venv/bin
PACKAGES := chassis cli contracts deploy mails services tests
MINIO := github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c
PROMETHEUS := github.com/prometheus/prometheus@v0.313.5
HELM := helm.sh/helm/v3/cmd/helm@v3.19.5
FONT := /usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf
WEB := services/gateway/web
WORDS := $(patsubst %.po,%.mo,$(wildcard $(WEB)/locale/*/LC_MESSAGES/*.po))
BROWSER := chromium-headless-shell:chromium-headless-shell libatomic1:/usr/lib/$(shell uname -m)-linux-gnu/libatomic.so.1
TOOLS := $(HOME)/.cache/photoferry/bin

.PHONY: setup up demo test test-long shots check check-deploy bench bench-scale fmt minio deploy-tools

up: setup  ## runs Photoferry until Ctrl-C
	@exec $(BIN)/python -m deploy.local up

setup: .venv/installed $(WEB)/dist/meta.json $(WORDS)  ## installs everything that the others need
	@deploy/local/system-packages.sh rabbitmq-server:rabbitmq-server fonts-dejavu-core:$(FONT)

.venv/installed: requirements.lock pyproject.toml | .venv/bin/pip
	$(BIN)/pip install --quiet --require-hashes --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json | .venv/installed
	cd $(WEB) && PATH=$(CURDIR)/$(BIN):$$PATH npm ci --silent

$(WEB)/dist/meta.json: $(WEB)/node_modules/.package-lock.json $(WEB)/package.json $(shell find $(WEB) -path $(WEB)/node_modules -prune -o -path $(WEB)/dist -prune -o \( -name '*.js' -o -name '*.css' \) -print)
	rm -rf $(@D)
	cd $(WEB) && PATH=$(CURDIR)/$(BIN):$$PATH npm run --silent build

%.mo: %.po | .venv/installed
	$(BIN)/pybabel --quiet compile -i $< -o $@

.venv/bin/pip:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || deploy/local/system-packages.sh python3-venv:ensurepip
	$(PYTHON) -m venv .venv

demo: setup  ## fills a running Photoferry with a gallery and orders in every state
	@exec $(BIN)/python -m deploy.local demo

test: setup  ## runs the tests; ARGS='-k name' for some
	@deploy/local/system-packages.sh $(BROWSER) curl:curl libarchive-tools:bsdtar p7zip-full:7z unzip:unzip \
		|| echo "The tests that need them are skipped."
	@exec $(BIN)/pytest $(ARGS)

test-long: setup  ## what takes minutes, and tells figures: a RabbitMQ cluster whose nodes are killed
	@exec $(BIN)/pytest -n 0 -s -m long tests/long $(ARGS)

shots: setup  ## pictures of every page and state, and of every mail, phone and desktop, light and dark, into shots/
	@deploy/local/system-packages.sh $(BROWSER)
	@rm -rf shots && mkdir shots
	@PHOTOFERRY_SHOTS=$(CURDIR)/shots exec $(BIN)/pytest -q $(WEB) tests/mails

check: setup  ## what must hold before a commit
	$(BIN)/ruff check $(PACKAGES)
	$(BIN)/ruff format --check $(PACKAGES)
	$(BIN)/mypy $(PACKAGES)
	$(BIN)/lint-imports

check-deploy: export PATH := $(PATH):$(TOOLS)
check-deploy:  ## what the tools that are installed say of deploy/: Docker, Caddy, promtool, Helm
	@if docker compose version >/dev/null 2>&1; then docker compose -f deploy/compose/compose.yaml --profile tls config --quiet; \
	else echo "deploy/compose is not checked: install Docker Compose"; fi
	@if docker buildx build --help 2>/dev/null | grep -q -e '--check '; then docker buildx build --check -f deploy/image/Dockerfile .; \
	else echo "deploy/image is not checked: install Docker Buildx 0.15"; fi
	@if command -v caddy >/dev/null; then PHOTOFERRY_PUBLIC_URL=https://localhost caddy validate --adapter caddyfile --config deploy/compose/Caddyfile; \
	else echo "deploy/compose/Caddyfile is not checked: install Caddy"; fi
	@if command -v promtool >/dev/null; then cd deploy/observability && promtool check config prometheus.yml && promtool test rules alerts.test.yml; \
	else echo "deploy/observability is not checked: run 'make deploy-tools'"; fi
	@if command -v helm >/dev/null; then helm lint --strict --quiet --kube-version 1.37 deploy/helm/photoferry --set existingSecret=photoferry \
		--set publicUrl=https://localhost,mailFrom=photos@localhost; \
	else echo "deploy/helm is not checked: run 'make deploy-tools'"; fi

bench: setup  ## measures
	@exec $(BIN)/python -m tests.bench

bench-scale: setup  ## measures 1, 2 and 4 copies of each service, and what limits them
	@exec $(BIN)/python -m tests.bench.scale

fmt: setup  ## formats, repairs what can be repaired, gathers the pages' words, writes docs/settings.md and the schema of the chart's settings
	$(BIN)/pybabel -q extract -F $(WEB)/locale/babel.cfg --no-location --sort-output -o $(WEB)/dist/words.pot $(WEB)
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap -D photoferry -i $(WEB)/dist/words.pot -d $(WEB)/locale
	$(BIN)/ruff check --fix $(PACKAGES)
	$(BIN)/ruff format $(PACKAGES)
	$(BIN)/python -m tests.docs.settings
	$(BIN)/python -m tests.deploy.chart_schema

minio:  ## installs MinIO where Go is
	@if command -v minio || test -x $(TOOLS)/minio; then echo "MinIO is installed"; \
	elif command -v go >/dev/null; then GOBIN=$(TOOLS) go install $(MINIO); \
	else echo "Go is not installed: rclone serves in MinIO's place"; fi

deploy-tools:  ## installs promtool and Helm where Go is, for `make check-deploy`
	@command -v go >/dev/null || { echo "Go is not installed"; exit 1; }
	@test -x $(TOOLS)/helm || GOBIN=$(TOOLS) go install $(HELM)
	@test -x $(TOOLS)/promtool || { cd "$$(go mod download -json $(PROMETHEUS) | sed -n 's/^\t"Dir": "\(.*\)",/\1/p')" \
		&& GOWORK=off GOBIN=$(TOOLS) go install ./cmd/promtool; }
