"""The report in a browser: headless Chromium, driven by Playwright."""

import os
import shutil
import subprocess
import tarfile

import pytest

AXE = "axe-core@4.14.1"
VIEW = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def chromium():
    """A running browser; skipped where it or its driver is not installed, saying what is needed."""
    driver = pytest.importorskip("playwright.sync_api", reason="needs playwright (make test)")
    named = os.environ.get("CHROMIUM")
    found = named or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        pytest.skip("needs chromium (Debian: apt-get install chromium), or CHROMIUM=its path")
    with driver.sync_playwright() as playwright:
        # A container's root has no user namespaces for the sandbox; the page is our own.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=found, args=options)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, finished):
    """Opens the report, or a copy; afterwards nothing may have left it or gone wrong in it."""
    contexts, troubles = [], []

    def open_it(copy=None, **options):
        contexts.append(chromium.new_context(**{"viewport": VIEW, **options}))
        page = contexts[-1].new_page()
        address = (copy or finished / "results/example/report/report.html").as_uri()
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else 0)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "request",
            lambda asked: (
                None
                if asked.url.startswith(("data:", address))
                else troubles.append(f"request: {asked.url}")
            ),
        )
        page.goto(address)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture(scope="session")
def axe(request):
    """The text of axe-core, fetched once from the npm registry into pytest's cache."""
    folder = request.config.cache.mkdir("axe")
    script = folder / f"{AXE}.js"
    if not script.is_file():
        npm = shutil.which("npm")
        if not npm:
            pytest.skip("needs npm, to fetch axe-core once")
        done = subprocess.run(
            [npm, "pack", "--silent", "--pack-destination", str(folder), AXE],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"needs the npm registry once, for {AXE}: {done.stderr.strip()[-200:]}")
        package = folder / done.stdout.split()[-1]
        with tarfile.open(package) as archive:
            script.write_bytes(archive.extractfile("package/axe.min.js").read())
        package.unlink()
    return script.read_text("utf-8")
