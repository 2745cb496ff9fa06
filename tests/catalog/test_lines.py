from __future__ import annotations

import pytest

from byom_magics.catalog.lines import Lines, dotted, without_texts

TEXT = '''\
default = "a"
# [models.comment]
[models.gpt]
model = "x"   # model = 1
description = """
[models.inside]
url = "no"
""" # more
stop = [
  "url = 1",
  "b",
]
prices = { input = 1, output = 2 }
timeouts.idle = 3
["models"."a \\"b\\" c"]
  'model' = 'y # z'
[[list]]
key = "a"
[list.headers]
A = "1"
[[list]]
key = "b"
other = \'\'\'
key = "c"\'\'\'
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("default",), 1),
        (("models",), 3),
        (("models", "gpt"), 3),
        (("models", "gpt", "model"), 4),
        (("models", "gpt", "description"), 5),
        (("models", "gpt", "stop"), 9),
        (("models", "gpt", "stop", 1), 9),
        (("models", "gpt", "prices"), 13),
        (("models", "gpt", "prices", "output"), 13),
        (("models", "gpt", "timeouts", "idle"), 14),
        (("models", "gpt", "timeouts"), 14),
        (("models", 'a "b" c'), 15),
        (("models", 'a "b" c', "model"), 16),
        (("list", 0, "key"), 18),
        (("list", 0, "headers", "A"), 20),
        (("list", 1, "key"), 22),
        (("list", 1, "other"), 23),
        (("list", 1, "unknown"), 21),
        (("models", "inside"), 3),
        (("nowhere",), None),
        ((), None),
    ],
)
def test_a_field_is_found_on_its_line(path: tuple[str | int, ...], line: int | None) -> None:
    assert Lines(TEXT).of(path) == line


def test_lines_are_counted_alike_with_windows_line_ends() -> None:
    lines = Lines(TEXT.replace("\n", "\r\n"))
    assert lines.of(("models", "gpt", "stop")) == 9
    assert lines.of(("list", 1, "other")) == 23


def test_a_path_is_told_as_it_is_written() -> None:
    assert dotted(("models", "a b", "tls", 3)) == 'models."a b".tls.3'
    assert dotted(("models", "\x1b[2J")) == r'models."\u001b[2J"'
    assert len(dotted(("models", "x" * 100_000))) < 200


def test_what_stands_in_texts_and_comments_is_no_structure() -> None:
    assert without_texts("a = \"b.c\" # d\n'e.f' = '''g\nh'''") == "a = _ \n_ = _"
