from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image as Pillow

from byom_magics.errors import OptionError
from byom_magics.messages import Image, Text
from byom_magics.talk.attachments import files_of, named_files, named_images, pictures_of

PNG = b"\x89PNG\r\n\x1a\n"
NAMES: dict[str, Any] = {"pixels": np.zeros((2, 2), "uint8"), "text": "from the notebook", "five": 5}


def evaluate(expression: str) -> Any:
    return eval(expression, dict(NAMES))


def test_a_file_goes_before_a_name_and_both_work(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("inside")
    made = named_files([str(path), "text"], evaluate, NAMES)
    assert "inside" in made.text
    assert "from the notebook" in made.text
    assert [item.name for item in made.items] == [str(path), "text"]


def test_pictures_are_files_or_values(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    made = named_images([str(path), "pixels"], evaluate, NAMES)
    assert len(made.images) == 2
    assert made.images[0] == Image(PNG)


@pytest.mark.parametrize("given", ["http://host/a.png", "HTTPS://host/a.png", "data:image/png;base64,AA=="])
def test_sec_33_addresses_are_never_fetched(given: str) -> None:
    for named in (named_files, named_images):
        with pytest.raises(OptionError, match="nothing is fetched"):
            named([given], evaluate, NAMES)
    with pytest.raises(OptionError, match="nothing is fetched"):
        pictures_of([given])


def test_what_is_no_picture_is_refused_with_what_would_be_one(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    for given in (str(path), "five"):
        with pytest.raises(OptionError, match="is no picture"):
            named_images([given], evaluate, NAMES)


def test_what_is_not_there_says_so() -> None:
    with pytest.raises(OptionError, match="There is no file"):
        named_files(["nowhere.txt"], evaluate, NAMES)
    with pytest.raises(OptionError, match="ZeroDivisionError"):
        named_files(["1//0"], evaluate, {**NAMES, "1//0": None})


def test_python_gives_paths_and_values(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("inside")
    assert "inside" in files_of([path]).text == files_of([str(path)]).text
    assert pictures_of([Image(PNG), NAMES["pixels"]])[0] == Image(PNG)
    assert pictures_of([]) == ()


def test_one_alone_needs_no_list(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("inside")
    assert files_of(path).text == files_of(str(path)).text == files_of([path]).text
    assert pictures_of(Image(PNG)) == (Image(PNG),)
    assert pictures_of(NAMES["pixels"]) == pictures_of([NAMES["pixels"]])
    with pytest.raises(OptionError, match="no picture"):
        pictures_of(5)


def png(size: tuple[int, int] = (4, 2)) -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", size).save(file, "PNG")
    return file.getvalue()


def test_each_file_stands_under_its_name_with_a_blank_line_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b.csv").write_text("a,b\n1,2\n")
    made = named_files(["a.py", "b.csv", "text"], evaluate, NAMES)
    assert made.parts == (
        Text("a.py:\n```python\nx = 1\n```\n\nb.csv:\n```csv\na,b\n1,2\n```\n\ntext:\n```\nfrom the notebook\n```"),
    )


def test_where_a_file_lies_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    assert files_of([tmp_path / "a.txt"]).text == "a.txt:\n```\nwords\n```"


def test_any_value_can_go_as_a_file() -> None:
    frame = pd.DataFrame({"a": [1]})
    made = named_files(["frame"], {"frame": frame}.__getitem__, {"frame": frame})
    assert made.text.startswith("frame:\nDataFrame: 1 row")
    assert files_of([frame]).items[0].kind == "DataFrame"


def test_a_picture_among_files_is_a_picture(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "a.txt").write_text("words")
    made = files_of([tmp_path / "a.png", tmp_path / "a.txt"])
    assert made.parts == (Image(png()), Text("a.txt:\n```\nwords\n```"))


def test_a_path_wins_over_a_name_of_the_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text").write_text("from the folder")
    assert "from the folder" in named_files(["text"], evaluate, NAMES).text


def test_the_text_of_a_variable_names_no_file(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret words")
    (tmp_path / "secret.png").write_bytes(png())
    words, picture = ({"answer": str(tmp_path / name)} for name in ("secret.txt", "secret.png"))
    assert "secret words" not in named_files(["answer"], words.__getitem__, words).text
    with pytest.raises(OptionError, match=r"Path\(answer\)"):
        named_images(["answer"], picture.__getitem__, picture)


def test_several_pictures_of_one_name_are_all_sent() -> None:
    figures = [Pillow.new("L", (2, 2)), np.zeros((2, 2), "uint8"), png()]
    made = named_images(["figures"], {"figures": figures}.__getitem__, {})
    assert len(made.images) == 3
    assert (made.items[0].kind, made.items[0].images) == ("3 pictures", 3)


def test_a_figure_is_a_picture_and_one_that_is_too_large_says_that_it_was_scaled() -> None:
    figure = Figure()
    figure.subplots().plot([1, 2])
    large = Pillow.new("L", (3136, 10))
    assert len(pictures_of([figure, figure.axes[0], large])) == 3
    made = named_images(["large"], {"large": large}.__getitem__, {})
    assert made.items[0].note == "scaled from 3,136 × 10 to 1,568 × 5 pixels"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.svg", b"<?xml version='1.0'?>\n<svg xmlns='x'/>", "SVG drawing"),
        ("a.pdf", b"%PDF-1.7\n\0", "a PDF file"),
        ("a.txt", b"words", "but a text"),
        ("a.bin", b"\0\1\2", "a binary file"),
    ],
)
def test_a_file_that_is_no_picture_is_told_for_what_it_is(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(OptionError, match="is no picture") as caught:
        pictures_of([tmp_path / name])
    assert words in str(caught.value)
    assert "--file" in str(caught.value)


def test_a_picture_of_more_than_20_mb_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.png").open("wb") as file:
        file.write(png())
        file.truncate(21 * 1024 * 1024)
    with pytest.raises(OptionError, match="at most 20 MB"):
        pictures_of([str(tmp_path / "a.png")])
    with pytest.raises(OptionError, match="is a folder"):
        pictures_of([tmp_path])


@pytest.mark.parametrize("typed", ["plot.pgn", "folder/plot.png", "~nobody-of-that-name/plot.png"])
def test_a_path_that_is_not_there_is_told_as_a_path(
    typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plot.png").write_bytes(png())
    with pytest.raises(OptionError, match="There is no file") as caught:
        named_images([typed], evaluate, NAMES)
    if typed == "plot.pgn":
        assert "did you mean plot.png?" in str(caught.value)


@pytest.mark.parametrize(("typed", "words"), [("nothing", "NameError"), ("five.x", "AttributeError"), ("a b", "SyntaxError"), ("1/0", "division by zero"), ("\x1b[2J", "\\x1b")])  # fmt: skip
def test_what_is_no_file_and_no_value_says_both(typed: str, words: str) -> None:
    with pytest.raises(OptionError, match="no file here, and as an expression it failed") as caught:
        named_files([typed], evaluate, NAMES)
    assert words in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_value_that_fails_when_it_is_shown_is_told_in_words() -> None:
    class Broken:
        def __str__(self) -> str:
            raise OSError("no text")

    with pytest.raises(OptionError, match="cannot be shown: OSError: no text"):
        files_of([Broken()])


def test_hundreds_of_files_are_too_many() -> None:
    with pytest.raises(OptionError, match="101 entries"):
        files_of(["a"] * 101)
