from __future__ import annotations

from byom_magics.show.displays import Part
from byom_magics.show.row import Row
from tests.show.safe import text_of
from tests.show.screen import Screen, bare


def text(words: str) -> Part:
    return Part(words, f"<p>{words}</p>")


def ours(words: str) -> Part:
    return Part(f"[{words}]\n", f"<p>{words}</p>", ours=True)


def test_small_parts_share_the_tail_and_large_ones_end_it() -> None:
    row, screen = Row(alone=True), Screen()
    row.add([ours("a"), ours("b")])
    screen.apply(row.paint("rest", "footer"))
    assert len(row) == 1
    assert bare(screen.text) == "abrestfooter"
    row.add([ours("c" * 2_000)])
    screen.apply(row.paint("rest", ""))
    assert len(row) == 2
    assert bare(screen.text).endswith("ccrest")


def test_the_reasoning_comes_first_or_below_what_is_settled() -> None:
    row, screen = Row(alone=True), Screen()
    screen.apply(row.paint_line("waiting"))
    screen.apply(row.paint_fold("thoughts"))
    screen.apply(row.paint("rest", ""))
    assert bare(screen.text) == "thoughtsrest"
    row, screen = Row(alone=True), Screen()
    row.add([ours("tool")])
    screen.apply(row.paint("", "footer"))
    screen.apply(row.paint_fold("thoughts"))
    screen.apply(row.paint("rest", ""))
    assert bare(screen.text) == "toolthoughtsrest"


def test_what_is_void_is_taken_away_down_to_what_is_fixed() -> None:
    for alone in (True, False):
        row, screen = Row(alone=alone), Screen()
        row.add([text("said "), ours("tool")], full=True)
        row.fix()
        screen.apply(row.paint_fold("thoughts"))
        for number in range(5):
            row.add([text(f"void{number}")], full=True)
            screen.apply(row.paint("rest", ""))
        screen.apply(row.take_back())
        screen.apply(row.paint("new", ""))
        assert "void" not in screen.text
        assert {word for word in ("said", "tool", "thoughts", "new") if word in screen.text} == {
            "said",
            "tool",
            "thoughts",
            "new",
        }


def test_a_part_of_its_own_is_painted_once() -> None:
    row, screen = Row(alone=True), Screen()
    row.add([text("before")])
    screen.apply(row.paint("", ""))
    screen.apply(row.paint_alone(ours("picture")))
    painted = screen.messages
    for number in range(5):
        screen.apply(row.paint(f"rest{number}", ""))
    assert screen.messages == painted + 5
    assert bare(screen.text) == "beforepicturerest4"
    assert len(screen.outputs) == 3


def test_only_as_many_displays_as_can_be_seen() -> None:
    for alone in (True, False):
        row, screen = Row(alone=alone), Screen()
        for number in range(200):
            row.add([text(f"part{number} ")], full=True)
            screen.apply(row.paint("rest", ""))
        assert screen.most <= 40
        assert "part0" in screen.text
        screen.apply(row.finish("before", "after", "[end]"))
        assert bare(screen.text).count("part") == 200
        assert list(screen.outputs.values())[-1].plain is not None


def test_a_whole_document_takes_the_place_of_all() -> None:
    row, screen = Row(alone=True), Screen()
    row.add([text("one")], full=True)
    screen.apply(row.paint("two", ""))
    screen.apply(row.replace("<p>whole</p>", "whole"))
    assert bare(screen.text) == "whole"
    assert len(screen.outputs) == 1


def test_what_begins_stands_below_what_others_have_shown_meanwhile() -> None:
    row, screen = Row(alone=False), Screen()
    row.add([ours("tool")])
    screen.apply(row.begin())
    screen.apply(row.paint("answer", ""))
    assert [bare(text_of(paint.html)) for paint in screen.outputs.values()] == ["tool", "answer"]
    screen.apply(row.begin())
    assert len(row) == 2, "nothing was settled in the new one yet"
