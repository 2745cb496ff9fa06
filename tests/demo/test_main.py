from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from byom_magics.demo.__main__ import main


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process on Windows")
def test_it_says_where_it_answers_and_ctrl_c_ends_it_quietly() -> None:
    command = [sys.executable, "-m", "byom_magics.demo", "--port", "0", "--tokens-per-second", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline(), process.stdout.readline()]
        url = re.search(r"http://127\.0\.0\.1:\d+/v1", lines[0])
        assert url
        assert lines[1] == f"%byom_register demo-server --url {url[0]} --model demo/pydoc\n"
        assert httpx.get(f"{url[0]}/models", trust_env=False).status_code == 200
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, output.strip(), errors) == (0, "", "")


def test_a_port_that_is_taken_is_an_error_that_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["--port", str(taken.getsockname()[1])]) == 1
    assert "Choose another --port." in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--port", "many"], ["--tokens-per-second", "-1"], ["--tokens-per-second", "inf"]]
)
def test_wrong_arguments_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_importing_the_package_loads_no_model_and_no_http() -> None:
    script = (
        "import sys, byom_magics.demo as demo; print([m.id for m in demo.MODELS], demo.BASE_URL,"
        "[n for n in ('httpx', 'pydoc_data.topics', 'http.server', 'byom_magics.demo.ngram') if n in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert said == "['demo/pydoc', 'demo/bigram', 'demo/5gram'] demo://builtin/v1 []\n"


def test_importing_the_transport_trains_nothing() -> None:
    script = "import sys, byom_magics.demo.transport as t; t.DemoTransport(); print('pydoc_data.topics' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert said == "False\n"
