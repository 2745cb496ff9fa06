from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import httpx
import pytest

from byom_magics.demo import BASE_URL, MODELS
from byom_magics.demo.app import App
from byom_magics.demo.transport import DemoTransport

ASK = {"model": "demo/pydoc", "messages": [{"role": "user", "content": "lambda"}], "stream": True}


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(transport=DemoTransport(App(None)), base_url=BASE_URL) as client:
        yield client


def test_the_models_answer_in_the_process(client: httpx.Client) -> None:
    assert [model["id"] for model in client.get("/models").json()["data"]] == [model.id for model in MODELS]


def test_an_answer_streams(client: httpx.Client) -> None:
    with client.stream("POST", "/chat/completions", json=ASK) as response:
        lines = [line for line in response.iter_lines() if line]
    assert lines[-1] == "data: [DONE]"
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
    text = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)
    assert "## Lambdas" in text


def test_every_token_is_a_read_of_its_own(client: httpx.Client) -> None:
    with client.stream("POST", "/chat/completions", json=ASK) as response:
        reads = list(response.iter_raw())
    assert len(reads) > 50
    assert all(read.count(b"data: ") == 1 for read in reads)


def test_an_answer_in_one_piece(client: httpx.Client) -> None:
    response = client.post("/chat/completions", json={**ASK, "stream": False})
    assert "## Lambdas" in response.json()["choices"][0]["message"]["content"]
    assert int(response.headers["content-length"]) == len(response.content)


def test_a_refusal_is_a_response(client: httpx.Client) -> None:
    response = client.post("/chat/completions", json={**ASK, "model": "gpt-5"})
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "model_not_found"


def test_head_has_no_body(client: httpx.Client) -> None:
    response = client.head("/models")
    assert response.status_code == 200
    assert response.content == b""


def test_closing_from_another_thread_ends_a_pause_at_once() -> None:
    # One token in 28 hours: only the closing can end this.
    transport = DemoTransport(App(1e-5))
    with httpx.Client(transport=transport) as client:
        request = client.build_request("POST", f"{BASE_URL}/chat/completions", json=ASK)
        response = client.send(request, stream=True)
        paused = threading.Event()
        reads: list[bytes] = []

        def read() -> None:
            for piece in response.iter_raw():
                reads.append(piece)
                if len(reads) == 2:
                    paused.set()

        reader = threading.Thread(target=read)
        reader.start()
        assert paused.wait(20)
        response.close()
        reader.join(20)
        assert not reader.is_alive()
    assert len(reads) == 2
    assert b"[DONE]" not in b"".join(reads)


def test_leaving_a_stream_early_leaves_nothing_running(client: httpx.Client) -> None:
    with client.stream(
        "POST", "/chat/completions", json={**ASK, "model": "demo/bigram", "max_tokens": 10**12, "temperature": 0}
    ) as response:
        pieces = response.iter_raw()
        for _ in range(3):
            next(pieces)
    assert next(pieces, None) is None


def test_many_at_once_share_one_transport(client: httpx.Client) -> None:
    answers: list[str] = []

    def ask() -> None:
        answers.append(
            client.post("/chat/completions", json={**ASK, "stream": False}).json()["choices"][0]["message"]["content"]
        )

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 8
    assert len(set(answers)) == 1


def test_other_addresses_are_refused() -> None:
    with httpx.Client(transport=DemoTransport()) as client:
        with pytest.raises(httpx.ConnectError, match="demo://builtin/v1"):
            client.get("demo://elsewhere/v1/models")
        with pytest.raises(httpx.UnsupportedProtocol, match="not a demo:// address"):
            client.get("http://builtin/v1/models")


def test_it_can_be_mounted_beside_others() -> None:
    with httpx.Client(mounts={"demo://": DemoTransport()}) as client:
        assert client.get(f"{BASE_URL}/models/demo/bigram").json()["id"] == "demo/bigram"
