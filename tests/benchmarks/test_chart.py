from __future__ import annotations

from xml.etree import ElementTree

import pytest

from benchmarks.chart import Axis, Curve, chart
from benchmarks.samples import Sample

SVG = "{http://www.w3.org/2000/svg}"


def draw(*curves: Curve) -> ElementTree.Element:
    return ElementTree.fromstring(chart("Cost & <more>", "members", "µs", curves))


def curve(label: str, *points: tuple[float, float]) -> Curve:
    return Curve(label, "#2563eb", [(x, Sample.of([y])) for x, y in points])


def test_an_axis_begins_and_ends_at_a_mark() -> None:
    axis = Axis.over([30, 900], start=0, length=100)
    assert (axis.low, axis.high) == (20, 1000)
    assert axis.place(20) == 0
    assert axis.place(1000) == pytest.approx(100)


def test_an_axis_of_one_value_has_a_length_all_the_same() -> None:
    axis = Axis.over([10], start=0, length=100)
    assert (axis.low, axis.high) == (10, 20)


def test_marks_of_a_long_axis_are_powers_of_ten() -> None:
    assert Axis.over([1, 1_000_000], 0, 1).marks() == [10**power for power in range(7)]


def test_small_marks_keep_their_place() -> None:
    assert Axis.over([0.05, 0.3], 0, 1).marks() == [0.05, 0.1, 0.2, 0.5]


def test_a_chart_is_well_formed_whatever_its_words() -> None:
    root = draw(curve("Hubbub", (10, 1), (100, 2)))
    assert root.findtext(f"{SVG}title") == "Cost & <more>"


def test_each_curve_has_a_line_and_a_name() -> None:
    root = draw(curve("Hubbub", (10, 1), (100, 2)), curve("bare C", (10, 3), (100, 4)))
    assert len(root.findall(f"{SVG}polyline")) == 2
    words = {text.text for text in root.findall(f"{SVG}text")}
    assert {"Hubbub", "bare C", "members", "µs"} <= words


def test_more_members_are_further_right_and_more_cost_is_higher() -> None:
    line = draw(curve("Hubbub", (10, 1), (100, 2))).find(f"{SVG}polyline")
    assert line is not None
    first, last = (tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split())
    assert last[0] > first[0]
    assert last[1] < first[1]


def test_a_curve_without_points_is_left_out() -> None:
    root = draw(curve("Hubbub", (10, 1), (100, 2)), curve("ngircd"))
    assert len(root.findall(f"{SVG}polyline")) == 1
