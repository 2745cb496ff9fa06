"""Code in the colours of the reader's theme, as inline styles: JupyterLab has no style sheet for Pygments' classes."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape as escape_html
from typing import Any

__all__ = ["COLOURS", "highlight"]

# A lexer is a heap of regular expressions, some of them slow on hostile input: well-known ones only, on bounded text.
_LANGUAGES = {
    name: lexer
    for lexer, names in {
        "python": "python py python3 py3 ipython sage gyp",
        "pycon": "pycon",
        "bash": "bash sh shell zsh ksh",
        "console": "console shell-session",
        "powershell": "powershell ps1 pwsh",
        "javascript": "javascript js mjs cjs jsx",
        "typescript": "typescript ts tsx",
        "json": "json jsonl json5 ndjson",
        "html": "html xhtml",
        "xml": "xml svg",
        "css": "css",
        "scss": "scss",
        "sql": "sql",
        "postgresql": "postgresql postgres",
        "sqlite3": "sqlite3",
        "yaml": "yaml yml",
        "toml": "toml",
        "ini": "ini cfg dosini",
        "c": "c h",
        "cpp": "cpp c++ cc hpp cxx",
        "csharp": "csharp c# cs",
        "java": "java",
        "kotlin": "kotlin kt",
        "scala": "scala",
        "swift": "swift",
        "go": "go golang",
        "rust": "rust rs",
        "ruby": "ruby rb",
        "php": "php",
        "perl": "perl pl",
        "lua": "lua",
        "r": "r splus",
        "julia": "julia jl",
        "matlab": "matlab",
        "octave": "octave",
        "haskell": "haskell hs",
        "ocaml": "ocaml",
        "elixir": "elixir ex exs",
        "clojure": "clojure clj",
        "fortran": "fortran f90",
        "latex": "latex tex",
        "diff": "diff udiff patch",
        "docker": "docker dockerfile",
        "make": "make makefile",
        "cmake": "cmake",
        "graphql": "graphql gql",
        "protobuf": "protobuf proto",
        "http": "http",
    }.items()
    for name in names.split()
}
_LONGEST = 30_000
_LONGEST_LINE = 1_000

# A short name, a colour of the theme and one for places without a theme. Where JupyterLab's own editor colour for
# something stands out too little in its light or dark theme, there is another one of its colours.
COLOURS = {
    "k": "var(--jp-mirror-editor-keyword-color,#008000)",
    "b": "var(--jp-mirror-editor-builtin-color,#008080)",
    "d": "var(--jp-mirror-editor-punctuation-color,#2060d0)",
    "s": "var(--jp-mirror-editor-string-color,#ba2121)",
    "n": "var(--jp-mirror-editor-variable-2-color,#00668a)",
    "o": "var(--jp-mirror-editor-operator-color,#a020f0)",
    "c": "var(--jp-inverse-layout-color3,#5f6f6f)",
    "m": "var(--jp-mirror-editor-operator-color,#a020f0)",
    "t": "var(--jp-mirror-editor-builtin-color,#117700)",
    "a": "var(--jp-mirror-editor-attribute-color,#2020c0)",
    "e": "var(--jp-mirror-editor-string-color,#c62828)",
}

_STYLES = {
    "Keyword": "k",
    "Keyword.Constant": "k",
    "Name.Builtin": "b",
    "Name.Exception": "b",
    "Name.Function": "d",
    "Name.Class": "d",
    "Name.Decorator": "m",
    "Name.Tag": "t",
    "Name.Attribute": "a",
    "Literal.String": "s",
    "Literal.Number": "n",
    "Operator": "o",
    "Operator.Word": "k",
    "Comment": "c",
    "Comment.Preproc": "m",
    "Generic.Deleted": "e",
    "Generic.Inserted": "t",
    "Generic.Heading": "d",
    "Generic.Prompt": "c",
    "Generic.Output": "",
}


def highlight(code: str, language: str) -> str | None:
    """
    Give the code as safe HTML with coloured spans, or None where it is better left alone (unknown, very long).

    Args:
        code: The code, already with nothing hidden in it.
        language: The name as it stands behind the fence.

    The colours are custom properties, ``--k`` to ``--e``, which the surrounding element sets (`COLOURS`).
    """
    name = _LANGUAGES.get(language.lower())
    if name is None or len(code) > _LONGEST or max(map(len, code.split("\n"))) > _LONGEST_LINE:
        return None
    from pygments.lexers import get_lexer_by_name  # noqa: PLC0415 (loaded when code is first shown)

    lexer = get_lexer_by_name(name, stripnl=False, ensurenl=False)
    return "".join(
        f'<span style="color:var(--{key})">{escape_html(text, quote=False)}</span>'
        if key
        else escape_html(text, quote=False)
        for key, text in _runs(lexer.get_tokens(code))
    )


def _runs(tokens: Any) -> Iterator[tuple[str, str]]:
    """Join neighbours of one colour; white space takes any."""
    colour, run = "", ""
    for kind, text in tokens:
        key = colour if text.isspace() else _colour(kind)
        if key != colour:
            if run:
                yield colour, run
            colour, run = key, ""
        run += text
    if run:
        yield colour, run


def _colour(kind: Any) -> str:
    while kind:
        key = _STYLES.get(".".join(kind))
        if key is not None:
            return key
        kind = kind.parent
    return ""
