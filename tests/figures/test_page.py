import json
import re

from eigenscale.figures.render import page
from eigenscale.figures.render.traces import plotly_panel


def test_words_from_users_end_no_element(every_layer, nasty):
    div = page.to_div(every_layer)
    assert nasty not in div
    assert "<script>" not in div
    specs = re.findall(r'<script type="application/json">(.*?)</script>', div, re.DOTALL)
    assert len(specs) == len(every_layer.panels)
    assert all(json.loads(spec)["layout"] for spec in specs)


def test_plotly_reads_no_html_and_no_tex_in_words(every_layer):
    text = json.dumps([plotly_panel(panel) for panel in every_layer.panels])
    assert "<script" not in text
    assert "$" not in text


def test_a_band_is_cut_where_it_is_not_finite(every_layer):
    data = plotly_panel(every_layer.panels[0])["data"]
    band = next(trace for trace in data if trace.get("fill") == "toself")
    assert band["y"].count(None) == 2
    assert len(band["x"]) == 2 * 19 + 2


def test_a_curve_and_its_band_share_an_entry(every_layer):
    data = plotly_panel(every_layer.panels[0])["data"]
    shown = [trace["name"] for trace in data if trace.get("showlegend")]
    assert len(shown) == len(set(shown)) == 3


def test_a_page_holds_plotly_once(every_layer):
    text = page.to_html(every_layer)
    assert text.count("* plotly.js v") == 1
    assert text.count("<!doctype html>") == 1
