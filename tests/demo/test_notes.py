from __future__ import annotations

from byom_magics.demo.answer import shipped_reference
from byom_magics.demo.failure import Failure, Repair
from byom_magics.demo.matching import Matcher
from byom_magics.demo.notes import on_form, on_repair, on_search, on_tools
from tests.demo.offers import ADD, WEATHER

FOUND = shipped_reference().look("How does the with statement work?")


def search(effort: int) -> str:
    return "\n".join(on_search(FOUND, effort))


def test_notes_tell_what_was_sought_and_what_was_found_how_well() -> None:
    notes = search(2)
    assert "I look for `with` × 1; “statement” × 0.3." in notes
    best = FOUND.ranked[0]
    assert (
        f"1. The `with` statement: score {best.hit.score:.2f}, speaks of 100%, explains what is named, quoted" in notes
    )
    assert "left out" in notes


def test_more_effort_tells_more() -> None:
    lengths = [len(search(effort)) for effort in (1, 2, 3, 4)]
    assert lengths == sorted(set(lengths))


def test_nothing_sought_and_nothing_found_are_told() -> None:
    reference = shipped_reference()
    assert list(on_search(reference.look("What is it?"), 2)) == [
        "There is no word in the question that I could look for in the reference."
    ]
    assert list(on_search(reference.look("xyzzyx"), 2))[-1] == "No passage of the reference speaks of any of it."


def test_tools_are_told_with_their_score_and_the_words_that_tell_them() -> None:
    matches = Matcher([ADD, WEATHER]).matches("Will it rain?")
    notes = list(on_tools(matches, ["It fits.", "I call it."], 4))
    assert notes == [
        "- `get_weather`: 5.0, rain\n- `add`: 0.0, no word of it occurs".replace("5.0", f"{matches[0].score:.1f}"),
        "It fits. I call it.",
    ]
    assert list(on_tools(matches, ["It fits.", "I call it."], 1)) == ["I call it."]


def test_the_form_is_told_with_its_fields() -> None:
    schema: dict[str, object] = {"properties": {"title": {}, "tags": {}}}
    assert list(on_form("Topic", schema, 2)) == [
        "The answer has to be JSON that is valid against `Topic`: `title`, `tags`."
    ]
    assert list(on_form("Topic", None, 2)) == ["The answer has to be a JSON object."]


def test_of_a_failing_cell_it_is_told_what_was_read_and_whether_a_rule_fits() -> None:
    failure = Failure("x", "NameError", "", (3,))
    assert list(on_repair(failure, None)) == [
        "I am told of a cell that failed with `NameError`, at line 3.",
        "None of my rules can mend that.",
    ]
    assert next(iter(on_repair(Failure("", "", ""), Repair("why", "x")))).endswith("failed with `an exception`.")
    assert "A rule fits" in list(on_repair(failure, Repair("why", "x")))[1]
