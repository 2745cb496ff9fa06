from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from byom_magics.errors import OptionError
from byom_magics.messages import Image
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


@pytest.mark.parametrize("given", ["a.png", Image(PNG), 5])
def test_several_are_a_list(given: Any) -> None:
    with pytest.raises(OptionError, match="give a list"):
        pictures_of(given)
