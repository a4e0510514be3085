"""The report in a browser: every number answers, by keyboard too, and nothing leaves the page."""

import shutil

import pandas as pd
import pytest
from owncontrol.findings.rule import HIDDEN
from raw_files import raw_text, read_raw

CELLS = """region => [...region.querySelectorAll("tbody tr")].map(
    row => [...row.cells].slice(0, 4).map(cell => cell.textContent))"""
# Clicks each of the links, and in its card each step until one has raw cells; what the card said.
CARDS = """async (links) => {
    const card = document.getElementById("card");
    const next = (target, event) => new Promise(
        (done) => target.addEventListener(event, done, {once: true}));
    const shown = [];
    for (const link of links) {
        link.click();
        for (let tries = 0; !card.open; tries++) {
            if (tries === 1000) throw new Error(`no card of ${link.dataset.estimate}`);
            await new Promise((done) => setTimeout(done));
        }
        let cells = [];
        for (const step of card.querySelectorAll("details")) {
            const opened = next(step, "toggle");
            step.querySelector("summary").click();
            await opened;
            cells = [...step.querySelectorAll("tbody tr")].map(
                (row) => [...row.cells].slice(0, 4).map((cell) => cell.textContent));
            if (cells.length) break;
        }
        shown.push({
            id: link.dataset.estimate,
            title: card.querySelector("h2").textContent,
            facts: card.querySelector("dl").textContent,
            value: card.querySelector("dd").textContent,
            text: card.textContent,
            cells,
        });
        const closed = next(card, "close");
        card.querySelector("form button").click();
        await closed;
    }
    return shown;
}"""
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def raw(finished):
    return read_raw(finished / "data/raw/example")


def chosen(names):
    """Places of some numbers, by the ids of all: of each statistic the first, and every fourth.

    All of them take over a minute; that each is traced, test_traced_results shows.
    """
    places = {name: place for place, name in enumerate(names)}
    first = {(name.split(".")[0], name.split(".")[-1]): name for name in reversed(places)}
    quarter = list(places)[::4]
    return [places[name] for name in {*first.values(), *quarter}]


def test_a_number_opens_a_card_whose_raw_cells_are_in_the_files(open_page, raw, finished):
    page = open_page(reduced_motion="reduce")
    # The page behind the card is not laid out again each time one opens.
    page.add_style_tag(content="main > * { display: none }")
    links = page.query_selector_all("a[data-estimate]")
    assert len(links) > 400
    ids = page.evaluate("links => links.map((link) => link.dataset.estimate)", links)
    cards = page.evaluate(CARDS, [links[place] for place in sorted(chosen(ids))])
    assert len(cards) > 200
    checked, hidden = 0, set()
    for card in cards:
        assert card["id"] in card["facts"] and card["title"] != card["id"]
        assert "Method" in card["facts"] and "Notebook cell" in card["facts"]
        if not card["cells"]:  # a count of nothing, or of findings about a whole file
            said = ("Nothing was there to count", "No cell of its own")
            assert any(words in card["text"] for words in said), card["id"]
            # What is counted in a table of the plan is a row of it.
            assert card["value"] in "012" or card["id"].startswith("plan."), card["id"]
        for file, row, column, written in card["cells"]:
            if written == HIDDEN:  # no value was taken from the cell
                hidden.add((file, row, column))
            else:
                assert raw_text(raw, file, row, column) == written, card["id"]
                checked += 1
    assert checked > 1000
    findings = pd.read_csv(finished / "results/example/cleaned/findings.csv", dtype="str")
    found = findings.loc[findings["severity"] != "note", ["file", "row", "column"]]
    assert hidden <= set(found.itertuples(index=False, name=None))


def test_the_keyboard_is_enough(open_page):
    page = open_page()
    for _ in range(40):
        page.keyboard.press("Tab")
        estimate_id = page.evaluate("document.activeElement.dataset.estimate")
        if estimate_id:
            break
    assert estimate_id
    page.keyboard.press("Enter")
    assert page.locator("#card").is_visible()
    assert page.get_by_role("dialog", name=": ").is_visible()
    assert estimate_id in page.locator("#card dl").inner_text()
    for _ in range(5):
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#card details[open] table").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#card").is_hidden()
    assert page.evaluate("document.activeElement.dataset.estimate") == estimate_id


def test_a_figure_is_enlarged_and_closed_again(open_page):
    page = open_page()
    button = page.get_by_role("button", name="Enlarge Figure 1", exact=True)
    button.focus()
    small = page.locator("figure > img").first.bounding_box()["width"]
    page.keyboard.press("Enter")
    large = page.locator("#viewer img")
    assert large.bounding_box()["width"] > small
    assert large.get_attribute("alt")
    page.keyboard.press("Escape")
    assert page.locator("#viewer").is_hidden()
    assert button.evaluate("button => button === document.activeElement")


def test_a_table_is_sorted_by_its_buttons_and_back(open_page):
    page = open_page()
    first = "#table-attendance tbody tr th"
    before = page.locator(first).all_inner_texts()
    head = page.locator("#table-attendance thead th").nth(1)
    column = "rows => rows.map(row => parseFloat(row.cells[1].textContent))"
    for order in ("ascending", "descending"):
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == order
        values = page.eval_on_selector_all("#table-attendance tbody tr", column)
        assert values == sorted(values, reverse=order == "descending")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") is None
    assert page.locator(first).all_inner_texts() == before


def test_groups_of_a_table_stay_together_when_it_is_sorted(open_page):
    page = open_page()
    rows = "rows => rows.map(row => [row.classList.contains('group'), row.cells[0].textContent])"

    def groups():
        found, name = {}, ""
        for is_group, text in page.eval_on_selector_all("#table-change tbody tr", rows):
            if is_group:
                name = text
            else:
                found.setdefault(name, set()).add(text)
        return found

    before = groups()
    page.locator("#table-change thead button").nth(1).click()
    assert groups() == before and len(before) > 3


def test_a_table_is_filtered_by_a_word(open_page):
    page = open_page()
    table = page.locator("#table-findings")
    every = table.locator("tbody tr").count()
    table.get_by_role("searchbox").fill("correction")
    left = table.locator("tbody tr:visible").all_inner_texts()
    assert 0 < len(left) < every
    assert all("correction" in text for text in left if "\t" in text)
    assert f"of {every}" in table.get_by_role("status").inner_text()


def test_without_javascript_the_page_reads_the_same(open_page):
    plain = open_page(java_script_enabled=False)
    lively = open_page()
    assert (
        plain.locator("main p, main li").all_inner_texts()[:12]
        == (lively.locator("main p:not(.filter), main li").all_inner_texts()[:12])
    )
    assert plain.locator("a[data-estimate]").count() == lively.locator("a[data-estimate]").count()
    assert plain.locator("dialog").first.is_hidden()


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 900}, PHONE])
def test_the_page_fits_its_screen(open_page, viewport):
    page = open_page(viewport=viewport)
    page.locator(".dictionary details").evaluate_all(
        "all => all.forEach(one => { one.open = true })"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    page.locator("a[data-estimate]").first.click()
    box = page.locator("#card").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= viewport["width"]
    assert box["height"] <= viewport["height"]


@pytest.mark.parametrize(
    ("scheme", "viewport"), [("light", {"width": 1280, "height": 900}), ("dark", PHONE)]
)
def test_axe_finds_no_violation(open_page, axe, scheme, viewport):
    page = open_page(color_scheme=scheme, viewport=viewport)
    # One patient with two exams stands for all of them, which are of the same making.
    page.evaluate("""() => {
        const others = "details.patient:not(:nth-of-type(2)), details.exam:not(:nth-of-type(-n+2))";
        for (const one of document.querySelectorAll(others)) one.remove();
    }""")
    page.locator("details.patient > summary").click()
    page.locator("details.exam > summary").nth(1).click()
    page.locator(".dictionary summary", has_text="cleaned/isncsci.csv").click()
    page.evaluate(axe)
    assert violations(page) == []
    page.locator("#table-change a[data-estimate]").first.click()
    page.locator("#card summary").first.click()
    page.locator("#card details table").wait_for()
    assert violations(page, "#card") == []


def violations(page, part=":root"):
    run = """(part) => axe.run(part, {rules: {'target-size': {enabled: true}}})
        .then(found => found.violations.map(
            rule => [rule.id, rule.help, rule.nodes.slice(0, 3).map(node => node.html)]))"""
    return page.evaluate(run, part)


def test_print_shows_the_content_and_no_controls(open_page):
    page = open_page()
    page.emulate_media(media="print")
    assert page.locator("button:visible, nav:visible, input:visible").count() == 0 or (
        page.locator("button:visible").evaluate_all(
            "buttons => buttons.every(button => button.className === 'sort')"
        )
    )
    assert page.locator("#table-change").is_visible()


def test_a_patient_has_scores_and_worksheets_that_answer_back(open_page, raw):
    page = open_page()
    page.locator("details.patient > summary").nth(1).click()
    score = page.locator("details.patient[open] a[data-score]").nth(3)
    key, text = score.get_attribute("data-score"), score.inner_text()
    score.press("Enter")
    page.locator("#card").wait_for()
    assert page.locator("#card-title").inner_text().startswith(key.split("/")[0])
    assert page.locator("#card dd").first.inner_text() == text
    cells = page.locator("#card .scroll").evaluate(CELLS)
    assert len(cells) > 5
    assert all(raw_text(raw, file, row, column) == written for file, row, column, written in cells)
    page.get_by_role("link", name="its worksheet").press("Enter")
    sheet = page.locator("details.exam[open]")
    assert sheet.locator("table.form tbody tr").count() == 28
    assert sheet.locator("summary").evaluate("summary => summary === document.activeElement")
    sheet.locator("table.form td").nth(25).click()  # the right C5 muscle
    assert "C5" in page.locator("#card tr.asked").inner_text()
    cells = page.locator("#card .scroll").evaluate(CELLS)
    assert len(cells) > 130
    assert all(raw_text(raw, file, row, column) == written for file, row, column, written in cells)


def test_a_worksheet_is_one_stop_of_the_keyboard_and_each_cell_opens(open_page):
    page = open_page()
    page.locator("details.patient > summary").nth(1).press("Enter")
    page.locator("details.patient[open] details.exam > summary").first.press("Enter")
    sheet = page.locator("details.exam[open] .sheet")
    assert sheet.locator('td[tabindex="0"]').count() == 1
    assert sheet.locator("svg.body use").bounding_box()["width"] > 100
    here = "() => document.activeElement.closest('tr').querySelector('th').textContent"

    def card():
        page.keyboard.press("Enter")
        page.locator("#card tr.asked").wait_for()
        said = page.locator("#card tr.asked").inner_text()
        page.keyboard.press("Escape")
        page.locator("#card").wait_for(state="hidden")
        return said

    page.keyboard.press("Tab")
    assert page.evaluate(here) == "C2"
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "End"):
        page.keyboard.press(key)
    assert page.evaluate(here) == "C5"
    said = card()  # the left muscle
    assert "C5" in said
    assert page.evaluate(here) == "C5"  # the focus is back
    page.keyboard.press("Home")
    assert card() != said
    for _ in range(40):
        page.keyboard.press("ArrowDown")
    last = page.evaluate(here)
    assert last in ("Deep anal pressure", "Lowest non-key muscle, left")
    assert card()
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('.sheet td')")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(here) == last


def test_the_links_of_a_card_lead_to_files_that_are_there(open_page, finished):
    page = open_page()
    page.locator("#table-change a[data-estimate]").first.click()
    page.locator("#card summary").first.click()
    page.locator("#card details[open] table").wait_for()
    links = page.locator("#card a").evaluate_all("links => links.map(link => link.href)")
    files = {link for link in links if "#" not in link}
    assert {link.rsplit("/", 1)[1] for link in files} >= {
        "03_change.ipynb", "scores.csv", "isncsci.csv", "isncsci_exams.xlsx"
    }  # fmt: skip
    assert all((finished / link.split(f"{finished.folder}/")[1]).is_file() for link in files)
    page.locator('#card a[href^="#estimand-"]').click()
    assert page.locator("#table-estimands tr:target, #table-estimands").first.is_visible()
    assert page.locator("#card").is_hidden()


def test_a_report_that_was_sent_alone_has_no_dead_link(open_page, finished, tmp_path):
    alone = tmp_path / "report.html"
    shutil.copy(finished / "results/example/report/report.html", alone)
    page = open_page(alone)
    page.locator("#table-change a[data-estimate]").first.click()
    page.locator("#card summary").first.click()
    page.locator("#card details[open] table").wait_for()
    links = page.locator("#card a").evaluate_all("links => links.map(link => link.hash)")
    assert all(links)  # places of this page
    assert page.locator("#card details[open] tbody tr").count()  # the cells are quoted
    assert "archive" in page.locator("#card .elsewhere").first.get_attribute("title")


def test_a_table_is_one_stop_of_the_tab_key_and_its_numbers_are_reached_by_arrows(open_page):
    page = open_page()
    stops = """() => [...document.querySelectorAll("a[href], button, input, summary, [tabindex]")]
        .filter((one) => one.tabIndex >= 0 && one.checkVisibility()).length"""
    assert 50 < page.evaluate(stops) < 500
    first = page.locator('#table-change [tabindex="0"]:not(.scroll)')
    assert first.count() == 1
    first.focus()
    for key in ("ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.dataset.estimate")
    assert first.count() == 1


def test_a_card_counts_one_thing_as_one(open_page):
    page = open_page()
    page.locator('a[data-estimate="adverse_events.serious.events"]').first.click()
    assert "Made from 1 cleaned row" in page.locator("#card").inner_text()
    assert "1 cleaned rows" not in page.locator("#card").inner_text()


def test_a_wide_table_says_so_on_a_phone_and_not_where_it_fits(open_page):
    page = open_page(viewport=PHONE)
    assert page.locator("#table-change .scroll[data-wide]").count() == 1
    page = open_page(viewport={"width": 1280, "height": 900})
    assert page.locator("#table-serious-events .scroll[data-wide]").count() == 0


def test_every_patient_can_be_unfolded_to_be_printed(open_page):
    page = open_page()
    page.get_by_role("button", name="Unfold every patient, to print them").click()
    assert page.locator("details.patient:not([open])").count() == 0


def test_only_one_patient_is_open_at_a_time(open_page):
    page = open_page(java_script_enabled=False)
    for place in (0, 2):
        page.locator("details.patient > summary").nth(place).click()
    assert page.locator("details.patient[open]").count() == 1
    assert page.locator("details.patient[open] table").first.is_visible()


def test_the_page_is_small(finished):
    assert (finished / "results/example/report/report.html").stat().st_size < 3_500_000
