from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.talk.decoding import binary_kind, decoded

WORDS = "Grüße, 世界 🌍\n"


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_text_is_read_as_it_was_written(coding: str) -> None:
    found = decoded(WORDS.encode(coding))
    assert found is not None
    assert (found.text, found.guess) == (WORDS, "")


@pytest.mark.parametrize(("mark", "coding"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
def test_the_mark_says_which_end_comes_first(mark: bytes, coding: str) -> None:
    found = decoded(mark + WORDS.encode(coding))
    assert found is not None
    assert found.text == WORDS


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_file_that_is_cut_anywhere_is_the_beginning_of_its_text(coding: str) -> None:
    data = WORDS.encode(coding)
    for end in range(4, len(data)):
        found = decoded(data[:end], whole=False)
        assert found is not None
        assert WORDS.startswith(found.text)


def test_what_is_no_utf_8_is_read_as_latin_1_and_that_is_said() -> None:
    found = decoded("Grüße".encode("latin-1"))
    assert found is not None
    assert (found.text, found.guess) == ("Grüße", "read as Latin-1")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"PK\x03\x04\x14\0\0\0", "zip archive"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"PAR1\x15\0", "Parquet"),
        (b"\x89HDF\r\n\x1a\n\0", "HDF5"),
        (b"SQLite format 3\0", "SQLite"),
        (b"\x93NUMPY\x01\0v\0", "numpy"),
        (b"\x80\x04\x95\x10\0", "pickle"),
        (b"\x7fELF\x02\x01\0", "program"),
        (b"\0\0\0\x18ftypheic\0", "image of a kind"),
        (b"II*\0\x08", "TIFF"),
        (b"\0\x01\x02", "binary file"),
        (bytes(range(32)) * 8, "binary file"),
    ],
)
def test_a_file_without_text_says_what_it_is(data: bytes, kind: str) -> None:
    assert decoded(data) is None
    named, hint = binary_kind(data)
    assert kind in named
    assert hint


def test_colours_of_a_terminal_do_not_make_a_file_binary() -> None:
    assert decoded(b"\x1b[31mred\x1b[0m\t\f\r\n" * 100) is not None


@given(st.binary())
def test_any_bytes_are_a_text_or_none(data: bytes) -> None:
    found = decoded(data)
    assert found is None or isinstance(found.text, str)
