"""What HTML of ours may consist of; read with the standard library's own parser."""

from __future__ import annotations

import re
from html.parser import HTMLParser

TAGS = {
    "a",
    "blockquote",
    "b",
    "br",
    "code",
    "del",
    "details",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "ins",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "section",
    "small",
    "span",
    "strong",
    "summary",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "tt",
    "ul",
}
_STYLE = re.compile(r"[\w\-:;.,()#%+ ]*")
_CLASSES = {"byom mathjax_ignore tex2jax_ignore", "mathjax_process tex2jax_process"}


class Reader(HTMLParser):
    """Collects text and links, and whatever must not be there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.links: list[str] = []
        self.faults: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in TAGS and not (tag == "iframe" and ("sandbox", "") in attrs and ("inert", None) in attrs):
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if not _fine(tag, name, value or ""):
                self.faults.append(f"<{tag} {name}={value!r:.80}>")
            if name == "href":
                self.links.append(value or "")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"<!--{data}")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"<!{decl}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"<?{data}")


def _fine(tag: str, name: str, value: str) -> bool:
    if name == "style":
        return bool(_STYLE.fullmatch(value)) and "url" not in value and "position" not in value
    allowed = {
        ("a", "href"): r"https?://[^\s<>\"'\\]+|mailto:[^\s<>\"'\\?]+",
        ("a", "target"): "_blank",
        ("a", "rel"): "noopener noreferrer nofollow",
        ("img", "src"): r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+",
        ("img", "alt"): r"[^\n]*",
        ("ol", "start"): r"\d{1,9}",
        ("div", "role"): "alert|group|region|status",
        ("pre", "role"): "group",
        ("pre", "tabindex"): "0",
        ("pre", "aria-label"): "code",
        ("div", "tabindex"): "0",
        ("div", "aria-label"): "[a-z; ]+",
        ("section", "aria-label"): r"[^\n]+",
        ("iframe", "sandbox"): "",
        ("iframe", "inert"): "",
        ("iframe", "tabindex"): "-1",
        ("iframe", "referrerpolicy"): "no-referrer",
        ("iframe", "allow"): "",
        ("iframe", "title"): "answer",
        (
            "iframe",
            "srcdoc",
        ): r"(?s)<!doctype html><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';.*",
    }
    if name == "class":
        return value in _CLASSES
    pattern = allowed.get((tag, name))
    return pattern is not None and re.fullmatch(pattern, value) is not None


def read(html: str) -> Reader:
    """Parse HTML, and fail if there is anything in it that could run, load or leave its place."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.faults == []
    return reader


def text_of(html: str) -> str:
    """Give the text of safe HTML."""
    return "".join(read(html).text)
