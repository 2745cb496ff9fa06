from __future__ import annotations

from byom_magics.demo.conversation import Done
from byom_magics.demo.planning import Lack
from byom_magics.demo.telling import told


def test_one_result_is_a_sentence() -> None:
    assert (
        told([Done("get_weather", {"city": "Oslo"}, "3 degrees, rain")])
        == "`get_weather` for Oslo says: 3 degrees, rain.\n"
    )
    assert told([Done("now", {}, "12:30")]) == "`now` says: 12:30.\n"
    assert told([Done("add", {"a": 2, "b": 3}, "5")]) == "`add` for a = 2 and b = 3 says: 5.\n"
    assert told([Done("save", {"x": "a*b"}, " ")]) == "`save` for `a*b` says nothing.\n"


def test_several_results_are_a_list_with_errors_as_errors() -> None:
    done = [Done("div", {"a": 1}, "0.5"), Done("div", {"a": 0}, "ZeroDivisionError: division by zero")]
    assert told(done) == "- `div` for 1 says: 0.5.\n- `div` for 0 did not work: ZeroDivisionError: division by zero.\n"


def test_a_result_that_would_be_markup_is_shown_as_code() -> None:
    assert told([Done("f", {}, "<b>*hi*</b>")]) == "`f` says: `<b>*hi*</b>`\n"
    assert told([Done("f", {}, '{"a": 1}')]) == '`f` says: `{"a": 1}`\n'
    assert told([Done("f", {}, "- item")]) == "`f` says: `- item`\n"


def test_a_long_result_is_fenced_whatever_it_holds() -> None:
    assert told([Done("f", {}, '{\n"a": 1}')]) == '`f` says:\n\n```json\n{\n"a": 1}\n```\n'
    assert told([Done("f", {}, "a\n```\nb")]) == "`f` says:\n\n````text\na\n```\nb\n````\n"
    assert "96000 characters more" in told([Done("f", {}, "x" * 100_000)])


def test_a_long_result_stays_within_its_item_of_the_list() -> None:
    assert "- `f` says:\n  \n  ```text\n  a\n  b\n  ```\n- `g` says: 1.\n" in told(
        [Done("f", {}, "a\nb"), Done("g", {}, "1")]
    )


def test_what_is_lacking_is_asked_for() -> None:
    assert told([], [Lack("add", ("a", "b"))]) == "`add` fits, but your message does not say `a` and `b`.\n"
