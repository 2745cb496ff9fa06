from __future__ import annotations

import pytest

from byom_magics.talk.docstring import Documented, documented


def google() -> None:
    """
    Look up a city.

    It takes a while.

    Args:
        name: Its name,
            as people write it.
        year (int): When.

    Returns:
        Its population.
    """


def numpy_style() -> None:
    """
    Look up a city.

    It takes a while.

    Parameters
    ----------
    name : str
        Its name, as people write it.
    year : int
        When.
    """


def sphinx() -> None:
    """
    Look up a city.

    It takes a while.

    :param name: Its name, as people write it.
    :param int year: When.
    :returns: Its population.
    """


def epydoc() -> None:
    """
    Look up a city.

    It takes a while.

    @param name: Its name, as people write it.
    @param year: When.
    """


@pytest.mark.parametrize("function", [google, numpy_style, sphinx, epydoc])
def test_a_docstring_is_read_in_whichever_style_it_is(function: object) -> None:
    assert documented(function) == Documented(
        "Look up a city.\n\nIt takes a while.", {"name": "Its name, as people write it.", "year": "When."}
    )


def test_several_parameters_may_be_told_of_at_once() -> None:
    def add() -> None:
        """
        Add.

        Parameters
        ----------
        x, y : float
            The numbers.
        **others
            More.
        """

    assert documented(add).parameters == {"x": "The numbers.", "y": "The numbers.", "others": "More."}


def test_a_function_without_a_docstring_says_nothing() -> None:
    def silent() -> None: ...

    assert documented(silent) == Documented("", {})
