from __future__ import annotations

from byom_magics.show.tables import Table
from tests.show.safe import read, text_of


def test_cells_are_text_whatever_is_in_them() -> None:
    table = Table(("key", "name"), [("<script>x</script>", "a\x1b[31m\u202eb"), ("$x$", '" onload="x')], note="<b>")
    assert "script" not in read(table.html).tags
    assert "<script>x</script>" in text_of(table.html)
    assert r"a\x1b[31m\u202eb" in text_of(table.html)
    assert r"a\x1b[31m\u202eb" in table.plain


def test_the_plain_form_is_aligned_also_with_wide_letters() -> None:
    table = Table(("key", "from"), [("日本", "a"), ("x", "b\nc")], note="How to go on.")
    assert table.plain.splitlines() == ["key   from", "────  ────", "日本  a", "x     b c", "How to go on."]


def test_a_table_of_a_hundred_thousand_rows_is_cut_and_says_so() -> None:
    table = Table(("key",), [(f"m{number}",) for number in range(100_000)])
    assert table.html.count("<tr>") == 1_001
    assert "… and 99,000 more" in text_of(table.html)
    assert table.plain.endswith("… and 99,000 more")


def test_a_table_without_rows_has_its_head() -> None:
    assert Table(("key",), []).plain == "key\n───"


def test_columns_of_numbers_end_at_the_same_place() -> None:
    table = Table(("key", "count"), [("a", "7"), ("b", "1,234")], numeric=(1,))
    assert table.plain.splitlines()[2:] == ["a        7", "b    1,234"]
    assert table.html.count("text-align:right") == 3
    assert table.html.count("text-align:left") == 3
