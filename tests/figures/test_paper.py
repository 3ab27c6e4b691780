import pytest

from eigenscale.figures.render import paper


@pytest.fixture(scope="module")
def canvas(every_layer):
    canvas = paper.draw(every_layer)
    canvas.canvas.draw()
    return canvas


def test_logarithmic_axes_have_plain_ticks(canvas):
    axes = canvas.axes[0]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["10⁰", "10¹", "10²", "10³", "10⁴"]
    assert axes.get_xscale() == "log"


def test_the_legend_stands_above_the_panel(canvas):
    axes = canvas.axes[0]
    assert axes.get_legend().get_window_extent().y0 >= axes.get_window_extent().y1


def test_a_curve_and_its_band_share_an_entry_and_words_stay_as_they_are(canvas, nasty):
    texts = [text.get_text() for text in canvas.axes[0].get_legend().get_texts()]
    assert texts == ["fitted", nasty, "measured"]


def test_nothing_leaves_the_canvas(canvas):
    assert canvas.get_tightbbox().width <= canvas.get_figwidth() + 0.02


def test_categories_run_from_the_top(canvas, nasty):
    axes = next(a for a in canvas.axes if a.get_xlabel() == "exponent")
    words = ["".join(t.get_text().split()) for t in axes.get_yticklabels()]
    assert words == ["power", "".join(nasty.split())]
    assert axes.get_ylim() == (1.5, -0.5)
