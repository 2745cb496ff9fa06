from __future__ import annotations

from byom_magics.talk.fenced_code import Block, blocks


def test_blocks_are_found_in_order_with_their_language() -> None:
    text = "Try\n```python\nx = 1\n\ny = 2\n```\nor\n~~~\nz\n~~~\n"
    assert blocks(text) == [Block("python", "x = 1\n\ny = 2"), Block("", "z")]


def test_a_fence_ends_only_with_one_that_is_as_long_and_of_its_kind() -> None:
    assert blocks("````md\n```\ninner\n```\n~~~\n````") == [Block("md", "```\ninner\n```\n~~~")]


def test_a_block_that_is_open_at_the_end_says_so() -> None:
    assert blocks("```python\nx = 1") == [Block("python", "x = 1", closed=False)]


def test_without_fences_there_is_none() -> None:
    assert blocks("x = 1\n`y`") == []
    assert blocks("``` not a fence ```") == []


def test_a_fence_in_a_list_gives_its_code_without_the_lists_indentation() -> None:
    text = "1. First\n\n    ```python\n    if x:\n        y\n    ```\n- ~~~\n  z\n  ~~~\n"
    assert blocks(text) == [Block("python", "if x:\n    y"), Block("", "z")]


def test_a_fence_inside_a_docstring_is_code() -> None:
    code = 'def f():\n    """\n    ```\n    f()\n    ```\n    """'
    assert blocks(f"```python\n{code}\n```\n") == [Block("python", code)]


def test_a_language_in_braces_is_one() -> None:
    assert blocks("```{python}\nx\n```\n```{r, echo=FALSE}\ny\n```") == [Block("python", "x"), Block("r", "y")]


def test_line_ends_are_those_of_code_and_not_those_of_unicode() -> None:
    assert blocks("```\r\nx = 'a\u2028b\x0c'\r\ny\r\n```\r\n") == [Block("", "x = 'a\u2028b\x0c'\ny")]


def test_wherever_an_answer_breaks_off_its_last_block_is_open() -> None:
    text = "a\n```py\nx = 1\n```"
    for end in range(len(text)):
        assert not any(block.closed for block in blocks(text[:end]))
    assert blocks(text) == [Block("py", "x = 1")]


def test_sec_01_many_fences_and_long_runs_are_read() -> None:
    assert len(blocks("```\n```\n" * 50_000)) == 50_000
    assert blocks((" " * 100 + "`" * 100) * 10_000) == []
    assert blocks("- " * 100_000 + "```") == []
