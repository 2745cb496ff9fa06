"""
The answers that the benchmarks stream: chunks as OpenAI's service sends them, a Markdown text and a JSON text of any length.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

__all__ = ["END", "HEAD", "chunk", "frame", "in_json", "markdown", "pieces", "words"]

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"

_SENTENCE = "the file is closed when the block ends and whatever was raised in it goes on to the caller so"

_SECTION = """\
## {number}. How the `with` statement works

The `with` statement wraps a **block** in methods of a *context manager*: `__enter__` runs before it, `__exit__` after
it, whatever happened in between. A file that is opened this way is closed when the block ends, also when it ended by
an exception, and that exception goes on to the caller.

- the expression is evaluated to obtain a context manager;
- its `__enter__` is called, and the result is bound to the target of `as`;
- the block is executed, and `__exit__` is called with what was raised in it, or with three times `None`.

```python
class Timer:
    \"\"\"Measures how long a block takes, in seconds.\"\"\"

    def __enter__(self):
        self.began = time.perf_counter()
        return self

    def __exit__(self, kind, problem, trace):
        self.seconds = time.perf_counter() - self.began
        return False  # let the exception through

with Timer() as timer, open("data{number}.txt", encoding="utf-8") as file:
    lines = [line.rstrip() for line in file if line.strip()]
print(f"{{len(lines)}} lines in {{timer.seconds:.3f}} s")
```

Two managers in one statement are entered from left to right and left in the opposite order.

| step | method | arguments |
|---|---|---|
| before | `__enter__` | none |
| after | `__exit__` | type, value, traceback |

1. If `__exit__` returns a true value, the exception is swallowed.
2. Otherwise it is raised again after `__exit__` has returned.

"""


def chunk(text: str) -> bytes:
    """One server-sent event with a piece of an answer."""
    return _event({"index": 0, "delta": {"content": text}, "logprobs": None, "finish_reason": None})


def words(count: int) -> Iterator[bytes]:
    """So many small events; the texts are words of an answer."""
    ready = [chunk(word + " ") for word in _SENTENCE.split()]
    return itertools.islice(itertools.cycle(ready), count)


def frame(payload: bytes) -> bytes:
    """One chunk of HTTP's chunked transfer coding."""
    return b"%x\r\n%s\r\n" % (len(payload), payload)


def markdown(size: int) -> str:
    """A Markdown answer of that many characters, all ASCII: prose, lists, code, tables."""
    sections = (_SECTION.format(number=number) for number in itertools.count(1))
    text = ""
    while len(text) < size:
        text += next(sections)
    return text[:size]


def in_json(size: int) -> str:
    """An answer in JSON of about that many characters, all ASCII: texts, what is nested, rows of a table."""
    parts: list[str] = []
    written = 0
    for number in itertools.count(1):
        step = {
            "title": f"Step {number}",
            "explanation": _SENTENCE,
            "context": {"module": "contextlib", "names": ["closing", "suppress"], "since": 3.4, "pure": True},
            "measured": [{"run": run, "seconds": run * 0.125, "note": "warm", "failed": None} for run in range(1, 9)],
        }
        parts.append(json.dumps(step, indent=2))
        written += len(parts[-1])
        if written >= size - 60:
            return f'{{"question": "How does it work?", "steps": [{", ".join(parts)}]}}'
    raise AssertionError


def pieces(text: str, size: int = 4) -> list[str]:
    """The text in pieces of that many characters."""
    return [text[at : at + size] for at in range(0, len(text), size)]


def _event(choice: dict[str, object]) -> bytes:
    fields = {
        "id": "chatcmpl-9xY2mQ7bV1nT4kR8sL3wC6dF0hJ5g",
        "object": "chat.completion.chunk",
        "created": 1760000000,
        "model": "gpt-4o-mini-2024-07-18",
        "service_tier": "default",
        "system_fingerprint": "fp_560af6e559",
        "choices": [choice],
        "usage": None,
    }
    return b"data: " + json.dumps(fields, separators=(",", ":")).encode() + b"\n\n"


END = (
    frame(_event({"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}))
    + frame(b"data: [DONE]\n\n")
    + b"0\r\n\r\n"
)
"""The end of every answer: a finish reason, the end mark, and the last chunk."""
