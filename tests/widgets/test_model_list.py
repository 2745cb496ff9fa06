from __future__ import annotations

from byom_magics.widgets.model_list import ModelList
from byom_magics.widgets.parts import Parts
from tests.widgets.hands import do, none_left


def test_a_choice_belongs_to_the_list_that_it_was_made_in() -> None:
    with none_left():
        parts = Parts()
        chosen: list[str] = []
        models = ModelList(parts, chosen.append)
        models.show(("a", "b"), ("A", "B"), None, 2)
        seen = models.widget
        models.show(("c", "a"), ("C", "A"), "a", 2)
        assert models.box.children == (models.widget,)
        assert models.widget.index == 1
        do(seen, index=1)
        do(models.widget, index=0)
        assert chosen == ["b", "c"]
        models.close()
        parts.close()


def test_marking_the_default_is_no_choice_and_makes_no_list() -> None:
    parts = Parts()
    chosen: list[str] = []
    models = ModelList(parts, chosen.append)
    models.show(("a", "b"), ("A", "B"), None, 2)
    before = models.widget
    models.show(("a", "b"), ("A", "B"), "b", 2)
    assert models.widget is before
    assert (before.index, chosen) == (1, [])
    do(before, index=None)
    assert chosen == []
    models.close()
    parts.close()


def test_it_is_as_high_as_all_models_need_within_bounds() -> None:
    parts = Parts()
    models = ModelList(parts, lambda _: None)
    for total, rows in ((1, 4), (7, 7), (500, 10)):
        models.show((f"a{total}",), ("A",), None, total)
        assert models.widget.rows == rows
    models.close()
    parts.close()
