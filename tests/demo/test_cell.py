from __future__ import annotations

import pytest

from byom_magics.demo.cell import Cell, Edit, as_tree


@pytest.mark.parametrize(
    "text",
    [
        "x = 1",
        "%matplotlib inline\nx = 1",
        "files = !ls",
        "len?",
        "%%time\nx = 1",
        "await x",
        "if a:\n    !ls",
        "'\\d'",
    ],
)
def test_magics_do_not_keep_a_cell_from_being_read(text: str) -> None:
    assert as_tree(text) is not None


@pytest.mark.parametrize(
    "text",
    ["for", "%%bash\nls", "(" * 25_000, "-" * 25_000 + "1", "a" + ".a" * 14_000 + "(", "\0", "\ud800", "x = 1\n  y"],
)
def test_what_is_no_python_or_cannot_be_read_has_no_tree(text: str) -> None:
    assert as_tree(text) is None
    assert Cell(text).nodes == ()


def test_changes_count_in_characters_whatever_stands_before_them() -> None:
    cell = Cell("'ä€😀', pritn, pritn\nprint(pritn)")
    assert cell.changed(Edit(each.line, each.start, each.end, "p") for each in cell.named("pritn")) == (
        "'ä€😀', p, p\nprint(p)"
    )


def test_only_where_a_name_is_read_it_is_named() -> None:
    assert sorted(edit.line for edit in Cell("x = 1\nx\nx.x(x=1)\n'x'\nx += 1\ndel x").named("x")) == [2, 3, 5, 6]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x", "import a\nx"),
        ("%%time\nx", "%%time\nimport a\nx"),
        ("%matplotlib inline\nx", "%matplotlib inline\nimport a\nx"),
        (
            '"""Text."""\nfrom __future__ import annotations\nx',
            '"""Text."""\nfrom __future__ import annotations\nimport a\nx',
        ),
        ("# note\nx\n'text'", "import a\n# note\nx\n'text'"),
    ],
)
def test_an_import_stands_before_what_needs_it_and_behind_what_has_to_be_first(before: str, after: str) -> None:
    assert Cell(before).with_import("import a") == after


def test_what_is_too_much_to_look_at_is_not_looked_at() -> None:
    assert Cell("a,b," * 7_000).nodes == ()
