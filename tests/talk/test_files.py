from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest
from PIL import Image as Pil

from byom_magics.catalog.secrets.masking import look_for
from byom_magics.errors import MissingPackageError, OptionError
from byom_magics.messages import Image
from byom_magics.talk.files import file, file_picture, found


def written(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def pdf(text: str = "") -> bytes:
    """A PDF of one page with this text."""
    stream = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode() if text else b""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


def test_a_text_stands_under_its_name_in_a_fence(tmp_path: Path) -> None:
    made = file(written(tmp_path, "notes.py", "x = 1\n"))
    assert made.text == "notes.py:\n```python\nx = 1\n```"


@pytest.mark.parametrize(
    ("data", "note"),
    [("héllo".encode("utf-16"), ""), ("héllo".encode("utf-8-sig"), ""), ("héllo".encode("latin-1"), "Latin-1")],
)
def test_other_encodings_are_read(tmp_path: Path, data: bytes, note: str) -> None:
    made = file(written(tmp_path, "a.txt", data))
    assert "héllo" in made.text
    assert note in made.note


def test_what_is_long_is_cut_and_says_so(tmp_path: Path) -> None:
    made = file(written(tmp_path, "a.txt", "x" * 1_000), limit=100)
    assert made.cut
    assert "900 more characters" in made.note


def test_a_picture_is_a_picture(tmp_path: Path) -> None:
    out = io.BytesIO()
    Pil.new("RGB", (4, 4)).save(out, "JPEG")
    (part,) = file(written(tmp_path, "a.bin", out.getvalue())).parts
    assert isinstance(part, Image)
    assert part.media_type == "image/jpeg"


def test_a_notebook_is_its_cells_with_their_outputs(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Title"]},
        {"cell_type": "code", "source": "1 + 1", "outputs": [{"data": {"text/plain": ["2"]}}, {"text": "printed"}]},
    ]
    text = file(written(tmp_path, "a.ipynb", json.dumps({"cells": cells}))).text
    assert all(part in text for part in ("# Title", "1 + 1", "2\nprinted"))
    assert "no notebook" in file(written(tmp_path, "b.ipynb", "no notebook")).text


def test_a_pdf_is_its_text(tmp_path: Path) -> None:
    made = file(written(tmp_path, "a.pdf", pdf("Hello paper")))
    assert "Hello paper" in made.text
    assert "1 pages" in made.note


def test_a_pdf_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="no text"):
        file(written(tmp_path, "scan.pdf", pdf()))
    with pytest.raises(OptionError, match="cannot be read as a PDF"):
        file(written(tmp_path, "broken.pdf", b"%PDF-1.4 and no more"))


def test_an_encrypted_pdf_says_so(tmp_path: Path) -> None:
    import pypdf

    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(OptionError, match="encrypted"):
        file(written(tmp_path, "sealed.pdf", out.getvalue()))


def test_without_the_package_a_pdf_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(MissingPackageError, match="pip install"):
        file(written(tmp_path, "a.pdf", pdf("x")))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    for data in (b"\0\1\2\xff" * 100, b"text with \0 inside"):
        with pytest.raises(OptionError, match="is no text"):
            file(written(tmp_path, "a.bin", data))


def test_a_file_that_is_not_there_names_its_neighbours(tmp_path: Path) -> None:
    written(tmp_path, "notes.txt", "x")
    with pytest.raises(OptionError, match=r"did you mean notes\.txt"):
        file(tmp_path / "note.txt")
    with pytest.raises(OptionError, match="There is no file"):
        file(tmp_path / "nowhere" / "x.txt")


def test_a_folder_is_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for number in range(300):
        written(tmp_path, f"f{number:03}.txt", "abc")
    made = file(tmp_path)
    assert "inner/" in made.text
    assert "f000.txt (3 bytes)" in made.text
    assert made.note == "200 of 301 entries"


def test_of_a_huge_file_little_more_than_what_is_sent_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "log.txt", "line\n")
    with path.open("r+b") as opened:
        opened.truncate(9 * 1024 * 1024)
        opened.write(b"x" * 9 * 1024 * 1024)
    made = file(path, 1_000)
    assert made.note == "the first 1,000 characters of 9 MB"
    assert "the file goes on" in made.text
    assert len(made.text) < 1_200


def test_a_character_at_the_end_of_what_is_read_is_whole_or_gone(tmp_path: Path) -> None:
    made = file(written(tmp_path, "a.txt", "🌍" * 3_000_000), 100)
    assert "🌍" * 100 in made.text
    assert "\ufffd" not in made.text


def test_sec_20_keys_of_the_session_are_hidden_in_files(tmp_path: Path) -> None:
    look_for("sk-canary-0123456789")
    assert "canary" not in file(written(tmp_path, "a.env", "KEY=sk-canary-0123456789")).text


def test_a_text_with_fences_stays_in_its_own(tmp_path: Path) -> None:
    lines = file(written(tmp_path, "a.md", "```python\nx\n```\n")).text.split("\n")
    assert lines[1] == "````markdown"
    assert lines[-1] == "````"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OptionError, match="a device or a pipe"):
        file(tmp_path / "pipe")


def test_a_file_without_text_says_what_it_is_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="a Parquet file") as caught:
        file(written(tmp_path, "a.parquet", b"PAR1\0\0"))
    assert "{{ df }}" in str(caught.value)


def test_a_name_with_control_characters_is_shown(tmp_path: Path) -> None:
    with pytest.raises(OptionError) as caught:
        file(tmp_path / "a\x1b[2J")
    assert "\\x1b" in str(caught.value)
    with pytest.raises(OptionError, match="cannot be read"):
        file(tmp_path / "a\0b")


def test_what_is_typed_is_a_file_only_where_there_is_one(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", "x")
    assert found(str(path)) == path
    assert found(str(tmp_path / "b.txt")) is found("") is found("a\0b") is found("x" * 100_000) is None


def test_a_picture_file_is_scaled_and_says_so(tmp_path: Path) -> None:
    out = io.BytesIO()
    Pil.new("RGB", (3_136, 10)).save(out, "PNG")
    made = file_picture(written(tmp_path, "a.png", out.getvalue()))
    assert made.note == "scaled from 3,136 × 10 to 1,568 × 5 pixels"
