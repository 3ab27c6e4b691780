"""The page as a reader meets it, in a real browser without a network."""

import pytest

pytestmark = pytest.mark.page

ORDER = ["answer", "spectrum", "theory", "learning-curve", "law", "plan", "careful"]


class Visit:
    """What a browser saw of a page."""

    def __init__(self, browser, path, width=1280):
        self.page = browser.new_page()
        self.page.set_viewport_size({"width": width, "height": 900})
        self.wrong, self.requests = [], []
        self.page.on("console", lambda m: self.wrong.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("requestfailed", lambda request: self.wrong.append(request.url))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: (self.wrong.append("dialog"), dialog.dismiss()))
        self.page.goto(path.as_uri())
        self.page.wait_for_function(
            "document.querySelectorAll('.plot').length === "
            "document.querySelectorAll('.plot .main-svg .xtitle').length"
        )

    def count(self, selector):
        return self.page.locator(selector).count()


@pytest.fixture(scope="module", params=[1280, 390], ids=["desktop", "phone"])
def visit(request, browser, example_page):
    visit = Visit(browser, example_page, request.param)
    yield visit
    visit.page.close()


def test_nothing_goes_wrong_and_nothing_is_asked_for(visit, example_page):
    assert visit.wrong == []
    assert visit.requests == [example_page.as_uri()]


def test_sections_stand_in_order(visit):
    sections = visit.page.eval_on_selector_all("main section", "all => all.map(one => one.id)")
    assert sections == ORDER


def test_the_page_fits_its_width(visit):
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    overhang = visit.page.evaluate(
        """[...document.querySelectorAll('p, h1, h2, h3, li, figure, .plot, .main-svg, .table')]
        .filter(one => one.getBoundingClientRect().right > innerWidth + 1).length"""
    )
    assert overhang == 0


def test_every_figure_is_drawn_with_marks(visit):
    assert visit.count("figure.eigenscale") >= 7
    assert visit.count(".plot .main-svg .trace, .plot .heatmaplayer image, .contourlayer path") > 20


def test_no_word_of_a_figure_is_cut(visit):
    """Axis titles and legends stay inside their plots."""
    cut = visit.page.evaluate(
        """[...document.querySelectorAll('.plot')].flatMap(plot => {
          const box = plot.getBoundingClientRect();
          return [...plot.querySelectorAll('.xtitle, .ytitle, .legendtext, .xtick text')]
            .map(text => [text.textContent, text.getBoundingClientRect()])
            .filter(([, r]) => r.left < box.left - 2 || r.right > box.right + 2 ||
                               r.top < box.top - 2 || r.bottom > box.bottom + 2)
            .map(([text]) => text); })"""
    )
    assert cut == []


def test_legends_cover_no_data(visit):
    covered = visit.page.evaluate(
        """[...document.querySelectorAll('.plot')].filter(plot => {
          const legend = plot.querySelector('.legend'), area = plot.querySelector('.nsewdrag');
          return legend && legend.getBoundingClientRect().bottom
            > area.getBoundingClientRect().top + 1; }).length"""
    )
    assert covered == 0


def test_hostile_names_are_words(browser, nasty_page):
    visit = Visit(browser, nasty_page)
    assert visit.wrong == []
    assert visit.requests == [nasty_page.as_uri()]
    assert visit.count("img") == 0
    assert "<img src=x onerror=alert(1)>" in visit.page.inner_text(".sources")
    visit.page.close()


def test_links_to_figures_lead_to_files(example_page, visit):
    links = visit.page.eval_on_selector_all(
        ".files a", "all => all.map(one => one.getAttribute('href'))"
    )
    assert len(links) >= 14
    assert all((example_page.parent / link).stat().st_size > 1000 for link in links)
