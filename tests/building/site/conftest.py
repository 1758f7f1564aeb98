"""What the tests that open the site's pages share."""

import pytest
from building.site.chromium import CHROMIUM, DESKTOP, FLAGS, LONG


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=LONG)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser, built_site):
    """Open a page of the site from the disk; whatever the browser complains of is a failure at the end."""
    complaints, contexts = [], []

    def opened(name, *, viewport=DESKTOP, scheme="light", scripts=True):
        context = browser.new_context(viewport=viewport, color_scheme=scheme, java_script_enabled=scripts)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LONG)
        page.on("console", lambda said: said.type in ("error", "warning") and complaints.append(f"{name}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"{name}: {error}"))
        if scripts:  # without them, each script that is not loaded has "failed"
            page.on("requestfailed", lambda request: complaints.append(f"{name}: {request.url}"))
        page.on("request", lambda r: r.url.startswith(("file:", "data:")) or complaints.append(f"{name}: {r.url}"))
        page.goto((built_site / name).as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
