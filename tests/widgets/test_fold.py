from __future__ import annotations

from byom_magics.widgets.fold import Fold
from byom_magics.widgets.parts import Parts
from tests.widgets.hands import none_left, press


def test_what_is_folded_is_made_once_when_it_is_first_opened() -> None:
    with none_left():
        parts, made = Parts(), []

        def build() -> object:
            made.append(parts.html("inside"))
            return made[-1]

        fold = Fold(parts, ("Show it", "Hide it"), build, tip="What it is")
        assert (fold.is_open, made, fold.button.description) == (False, [], "Show it")
        press(fold.button)
        assert (fold.is_open, fold.box.children, fold.button.description) == (True, (made[0],), "Hide it")
        press(fold.button)
        assert (fold.is_open, fold.box.children, fold.button.description) == (False, (), "Show it")
        press(fold.button)
        assert len(made) == 1
        parts.close()
