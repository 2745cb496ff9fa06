from __future__ import annotations

import io
import sys

import pypdf
import pytest
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from byom_magics.errors import MissingPackageError, OptionError
from byom_magics.talk.pdf import pdf_text


def pdf(*pages: str, password: str = "", open_to_all: bool = False) -> bytes:
    """A PDF file of these pages, each a line of text; an empty one is blank."""
    writer = pypdf.PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for words in pages:
        page = writer.add_blank_page(300, 300)
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 200 Td ({words}) Tj ET".encode() if words else b"")
        page[NameObject("/Contents")] = writer._add_object(stream)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): writer._add_object(font)})}
        )
    if password or open_to_all:
        writer.encrypt("" if open_to_all else password, "owner", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def test_the_text_of_a_pdf_is_told_page_by_page() -> None:
    rendered = pdf_text(pdf("First words", "", "Last words"), "paper.pdf", 10_000)
    assert rendered.text == (
        "--- page 1 of 3 ---\nFirst words\n\n--- page 2 of 3 ---\n\n\n--- page 3 of 3 ---\nLast words"
    )
    assert (rendered.kind, rendered.note, rendered.cut) == ("PDF file", "3 pages", False)


def test_a_long_pdf_is_cut_and_says_which_pages_are_left_out() -> None:
    rendered = pdf_text(pdf(*["word " * 20] * 10), "paper.pdf", 300)
    assert len(rendered.text) < 500
    assert rendered.cut
    assert rendered.note.startswith("3 of 10 pages")
    assert "the 7 pages after this one were left out" in rendered.text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (pdf("", ""), "probably scanned"),
        (pdf("secret", password="key"), "encrypted"),
        (b"%PDF-1.7\nnothing else", "cannot be read as a PDF"),
        (pdf("words")[:200], "cannot be read as a PDF"),
    ],
)
def test_a_pdf_that_cannot_be_read_is_told_with_what_to_do(data: bytes, words: str) -> None:
    with pytest.raises(OptionError, match=words) as caught:
        pdf_text(data, "paper.pdf", 10_000)
    assert "paper.pdf" in str(caught.value)
    assert caught.value.hint


def test_a_pdf_that_is_only_locked_against_changes_is_read() -> None:
    assert "words" in pdf_text(pdf("words", open_to_all=True), "paper.pdf", 10_000).text


def test_where_the_package_is_missing_the_command_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'byom-magics\[pypdf\]'"):
        pdf_text(b"%PDF-1.7", "paper.pdf", 10_000)
