from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from byom_magics.show.leaderboard_plot import plot, plot_plain
from byom_magics.study.ranking import ranking
from byom_magics.study.vote import Vote
from tests.study.ballots import NOON, PROMPT, duels, simulated

if TYPE_CHECKING:
    from byom_magics.study.standing import Ranking

SVG = "{http://www.w3.org/2000/svg}"
USUAL = ranking(duels({"a>b": 30, "b>a": 10, "b>c": 20, "c>b": 15}))


def drawn(made: Ranking) -> ET.Element:
    return ET.fromstring(plot(made))


def texts(picture: ET.Element) -> list[str]:
    return [each.text or "" for each in picture.iter(f"{SVG}text")]


def test_each_model_has_its_name_a_dot_and_a_bar_with_its_numbers() -> None:
    picture = drawn(USUAL)
    assert len(list(picture.iter(f"{SVG}circle"))) == len(list(picture.iter(f"{SVG}path"))) == 3
    for each in USUAL.standings:
        assert each.label in texts(picture)
        assert any(text.startswith(f"{each.rating:,.0f} (") for text in texts(picture))


def test_the_better_stands_further_right_and_its_bar_around_it() -> None:
    places = [float(each.attrib["cx"]) for each in drawn(USUAL).iter(f"{SVG}circle")]
    assert places == sorted(places, reverse=True)
    for place, path in zip(places, drawn(USUAL).iter(f"{SVG}path"), strict=True):
        start = float(path.attrib["d"].split()[0][1:])
        stop = float(path.attrib["d"].split("H")[1].split("M")[0])
        assert start < place < stop


def test_it_brings_its_own_ground_and_needs_nothing_from_elsewhere() -> None:
    picture = drawn(USUAL)
    ground = picture.find(f"{SVG}rect")
    assert ground is not None
    assert ground.attrib["fill"] == "#ffffff"
    assert ground.attrib["width"] == picture.attrib["width"]
    kinds = {each.tag.removeprefix(SVG) for each in picture.iter()}
    assert kinds <= {"svg", "title", "desc", "rect", "text", "line", "path", "circle"}
    assert not any(name.endswith("href") or name.startswith("on") for each in picture.iter() for name in each.attrib)


def test_it_is_told_in_words_too() -> None:
    picture = drawn(USUAL)
    told = picture.find(f"{SVG}desc")
    assert picture.attrib["role"] == "img"
    assert told is not None
    assert told.text is not None
    assert told.text.startswith("a: ")
    assert "interval" in told.text


def test_an_open_end_is_an_arrow_at_the_edge() -> None:
    made = ranking(duels({"a>b": 4, "b>a": 1}))
    paths = [each.attrib["d"] for each in drawn(made).iter(f"{SVG}path")]
    assert [path.count("L") for path in paths] == [2, 2]  # an arrow has two strokes
    assert [path.count("V") for path in paths] == [1, 1]  # the other end has one across
    assert "►" in plot_plain(made).splitlines()[0]
    assert plot_plain(made).splitlines()[1].split("  ")[1].startswith("◄")


def test_one_without_a_number_says_so() -> None:
    made = ranking(duels({"a>b": 4, "b>c": 1, "c>b": 1}))
    assert "no number: above all" in texts(drawn(made))
    assert "no number" in plot_plain(made).splitlines()[0]


def test_groups_and_scales_stand_apart() -> None:
    apart = ranking(duels({"a>b": 1, "b>a": 1, "c>d": 1, "d>c": 1}), rounds=0)
    assert [text for text in texts(drawn(apart)) if text.startswith("Group")] == ["Group 1 of 2", "Group 2 of 2"]
    scales = ranking(duels({"a>b": 1, "b>a": 1, "b>c": 1, "c>d": 1, "d>c": 1}), rounds=0)
    assert [line for line in plot_plain(scales).splitlines() if line.startswith("scale")] == ["scale A", "scale B"]
    assert "Group 1 of 2" in plot_plain(ranking(duels({"a>b": 2, "c>d": 2}))).splitlines()


def test_the_text_form_has_a_line_for_each_and_the_ends_of_the_axis() -> None:
    lines = plot_plain(USUAL).splitlines()
    assert len(lines) == 4
    for line in lines[:3]:
        assert line.index("├") < line.index("●") < line.index("┤")
    low, high = (float(end.replace(",", "")) for end in lines[3].split())
    assert low < 1000 < high


def test_without_intervals_there_are_dots_only() -> None:
    made = ranking(duels({"a>b": 3, "b>a": 1}), rounds=0)
    assert not list(drawn(made).iter(f"{SVG}path"))
    assert "├" not in plot_plain(made)


@given(st.lists(st.text(min_size=1, max_size=60), min_size=2, max_size=2))
def test_any_label_makes_a_picture_that_can_be_read(labels: list[str]) -> None:
    shown = [f"a{labels[0]}", f"b{labels[1]}"]
    made = ranking([Vote(PROMPT, tuple(shown), "win", winner, NOON) for winner in shown], rounds=0)
    assert len(list(drawn(made).iter(f"{SVG}circle"))) == 2
    assert "\x1b" not in plot_plain(made)


def test_a_crowd_is_cut_and_so_is_a_long_label() -> None:
    crowd = ranking(simulated({f"m{number}": 0 for number in range(201)}, 2_000, seed=1), rounds=0)
    assert len(texts(drawn(crowd))) < 450
    long = ranking([Vote(PROMPT, ("x" * 250, "y"), "tie", None, NOON)], rounds=0)
    assert float(drawn(long).attrib["width"]) < 1_000


def test_equals_have_a_picture_too() -> None:
    made = ranking(duels({"a=b": 2}), rounds=0)
    assert len(list(drawn(made).iter(f"{SVG}circle"))) == 2
