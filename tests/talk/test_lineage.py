from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from byom_magics.talk.lineage import defines, kind_of, lineage, method


class Everything:
    def __getattr__(self, name: str) -> Any:
        return lambda *_: "anything"


class Nothing:
    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)


class _Meta(type):
    def __getattribute__(cls, name: str) -> Any:
        raise RuntimeError(name)


class Hidden(metaclass=_Meta):
    pass


def test_types_are_known_by_their_package_whatever_module_they_stand_in() -> None:
    assert "pandas.DataFrame" in lineage(pd.DataFrame())
    assert "numpy.ndarray" in lineage(np.zeros(3))
    assert "builtins.int" in lineage(True)


def test_a_value_that_answers_to_every_name_defines_none_of_them() -> None:
    assert not defines(Everything(), "savefig")
    assert method(Everything(), "savefig") is None
    assert "matplotlib.Figure" not in lineage(Everything())


def test_a_value_that_fails_at_every_name_has_a_type_all_the_same() -> None:
    assert kind_of(Nothing()) == "Nothing"
    assert kind_of(Hidden()) == "Hidden"
    assert any(name.endswith(".Hidden") for name in lineage(Hidden()))


def test_what_a_type_takes_back_it_does_not_define() -> None:
    class Base:
        def draw(self) -> str:
            return "drawn"

    class Taken(Base):
        draw = None  # type: ignore[assignment]

    assert defines(Base(), "draw")
    assert not defines(Taken(), "draw")
    assert method(Base(), "draw")() == "drawn"
