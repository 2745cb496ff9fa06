"""``%byom_discover``: which models there are to be had, here or at an address, and bringing them in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from byom_magics.errors import OptionError
from byom_magics.magics.arguments import Arguments, Option, Table
from byom_magics.magics.manual import manual
from byom_magics.magics.reading import header, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from IPython.core.interactiveshell import InteractiveShell

    from byom_magics.catalog.found import Found
    from byom_magics.session import Session

__all__ = ["DISCOVER", "DiscoverMagics"]

_DISCOVER = """
Find model servers on this machine, or list what one server offers; register what you choose.

    %byom_discover                            asks the known ports of this machine, in under a second
    %byom_discover URL                        what that server offers; the path (/v1) may be left out
    %byom_discover --preset NAME              what a service offers, such as openrouter or anthropic
    %byom_discover --endpoint NAME            what an endpoint that is registered offers
    %byom_discover … WORD …                   only models that have these words
    %byom_discover … --register NAME[,NAME…]  registers them: by name, by number in the table, or all

Examples:

    %byom_discover --register llama3.2
    %byom_discover http://gpu-7:8000 --register all
    %byom_discover --preset openrouter claude --register 1,4
    %byom_discover https://llm.example.com/v1 --api-key env:OUR_KEY

Context, prices and abilities are what the server itself says. A model gets its name as its key, with the server's
before it where that is taken. In Python: byom_magics.discover().
"""

_MOST_ROWS = 50
_MOST_NAMED = 10
_ADDRESS = re.compile(r"[\w.-]+:\d{1,5}(?:[/?].*)?|(?:localhost|127(?:\.\d+){3})(?:[/?].*)?")
_MOST_PORTS = 1000


def _ports(text: str) -> list[int]:
    found = []
    for part in text.split(","):
        if not part.strip().isdecimal() or not 0 < int(part) < 65_536:
            message = "ports, such as 8000,8001"
            raise ValueError(message)
        found.append(int(part))
    if len(found) > _MOST_PORTS:
        message = f"{_MOST_PORTS} ports at most"
        raise ValueError(message)
    return found


def _names(text: str) -> list[str]:
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found:
        message = "names or numbers of models, or all"
        raise ValueError(message)
    return found


DISCOVER = Table(
    "%byom_discover",
    (
        Option("preset", ("--preset",), "the service, such as openrouter", "NAME"),
        Option("endpoint", ("--endpoint",), "an endpoint that is registered, in place of URL", "NAME"),
        Option("api_key", ("--api-key",), "where its key comes from: env:NAME, ask, …", "REFERENCE"),
        Option(
            "names", ("--register",), "bring these in: names, numbers, or all", "NAME[,NAME…]", _names, repeated=True
        ),
        Option("replace", ("--replace",), "replace models that have the same keys"),
        Option(
            "headers",
            ("--header",),
            "a further header, a secret value as env:NAME; may be repeated",
            "'NAME: VALUE'",
            header,
            repeated=True,
        ),
        Option("proxy", ("--proxy",), "env (what the environment says) or http://host:port", "PROXY"),
        Option("allow_http_key", ("--allow-http-key",), "send the key over plain http to another machine"),
        Option(
            "ports", ("--ports",), "ports of this machine to ask, in place of the known ones", "PORT[,PORT…]", _ports
        ),
        Option("timeout", ("--timeout",), "how long it may take in all", "SECONDS", seconds),
    ),
    words=20,
)


@magics_class
class DiscoverMagics(Magics):
    """
    The magic that finds models.

    Args:
        shell: Where it is typed.
        session: Where models are registered.
    """

    def __init__(self, shell: InteractiveShell, session: Session) -> None:
        super().__init__(shell)
        self._session = session
        # What was shown last, and for which line: numbers mean the rows of that table.
        self._shown: tuple[object, list[Found]] = (None, [])

    @no_var_expand
    @line_magic
    def byom_discover(self, line: str) -> None:  # noqa: D102 - its manual is set below
        arguments = DISCOVER.parse(line)
        url, words = _address(arguments)
        nowhere = url is None and arguments.preset is None and arguments.endpoint is None
        if arguments.endpoint is not None and (url is not None or arguments.preset is not None):
            message = "%byom_discover: an endpoint has its own address."
            raise OptionError(message, hint="leave out --endpoint, or the address and --preset")
        if nowhere and (arguments.api_key or arguments.headers or arguments.proxy):
            message = "%byom_discover: a key, header or proxy is for one server, and none is named."
            raise OptionError(message, hint="write %byom_discover URL --api-key env:NAME, or add --preset NAME")
        names = [name for some in arguments.names or () for name in some]
        target = (url, arguments.preset, arguments.endpoint, arguments.ports)
        notes: list[str] = []
        if names and self._shown[0] == target and all(name.isdecimal() for name in names):
            found = self._shown[1]
        else:
            found, notes = self._look(url, arguments)
            self._shown = (target, found)
        if names:
            self._register(found, names, words, replace=bool(arguments.replace))
        else:
            self._show(found, words, notes, line)

    byom_discover.__doc__ = manual(_DISCOVER, DISCOVER)

    def _look(self, url: str | None, arguments: Arguments) -> tuple[list[Found], list[str]]:
        from byom_magics import finding  # noqa: PLC0415 - not needed to load

        limit: dict[str, Any] = {} if arguments.timeout is None else {"seconds": arguments.timeout}
        if url is None and arguments.preset is None and arguments.endpoint is None:
            return finding.discover(self._session, ports=arguments.ports, **limit)
        address: dict[str, Any] = {
            name: arguments.values[name] for name in ("proxy", "allow_http_key") if name in arguments.values
        }
        if arguments.headers:
            address["headers"] = dict(arguments.headers)
        found = finding.look(
            self._session,
            url,
            preset=arguments.preset,
            endpoint=arguments.endpoint,
            api_key=arguments.api_key,
            **limit,
            **address,
        )
        return [found], []

    def _register(self, found: list[Found], names: Sequence[str], words: Sequence[str], *, replace: bool) -> None:
        from byom_magics.catalog.found import chosen  # noqa: PLC0415 - not needed to load

        by_server: dict[int, tuple[Found, list[Any]]] = {}
        for server, offer in chosen(found, names, words):
            by_server.setdefault(id(server), (server, []))[1].append(offer)
        if not by_server:
            message = "%byom_discover: there is nothing to register."
            raise OptionError(message, hint="%byom_discover without --register shows what is offered")
        before = set(self._session.models)
        for server, offers in by_server.values():
            specs = server.register_offers(offers, replace=replace)
            keys = [spec.key for spec in specs]
            fresh = sum(key not in before for key in keys)
            more = f" and {len(keys) - _MOST_NAMED:,} more" if len(keys) > _MOST_NAMED else ""
            count = f"{len(keys):,} model{'' if len(keys) == 1 else 's'}"
            new = "" if fresh == len(keys) else f" ({fresh:,} of them new)"
            self._say(
                f"Registered {count} of {server.title} at {server.url}{new}: {', '.join(keys[:_MOST_NAMED])}{more}"
            )
            if len(keys) < len(offers):
                self._say(f"{len(offers) - len(keys):,} have names that cannot be sent, and were left out.")
            if keys:
                self._say(f"Ask with %%byom {keys[0]}")

    def _show(self, found: list[Found], words: Sequence[str], notes: list[str], line: str) -> None:
        from byom_magics.catalog.found import matching  # noqa: PLC0415 - not needed to load
        from byom_magics.plain import one_line  # noqa: PLC0415 - with the rest that shows
        from byom_magics.show.markup import escape  # noqa: PLC0415 - the renderer is only loaded when needed
        from byom_magics.show.offers import offer_table, server_line  # noqa: PLC0415 - the same
        from byom_magics.show.views import show_html  # noqa: PLC0415 - the same

        rows = matching(found, words)
        above = [server_line(server, server.models) for server in found]
        below = list(notes)
        if not found:
            above.append("No model server answers on the known ports of this machine.")
            below.append("Elsewhere: %byom_discover URL. Models that come with this package: %byom_models")
        elif words and not rows:
            below.append(f"No model has the words {' '.join(words)}.")
        typed = f"%byom_discover {line.strip()}".strip()
        if len(rows) > _MOST_ROWS:
            below.append(f"… and {len(rows) - _MOST_ROWS:,} more; give words to filter: {typed} WORD…")
        if rows:
            below.append(f"Register: {typed} --register NAME[,NAME…], or numbers, or all. Then ask: %%byom NAME")
        table = offer_table(rows[:_MOST_ROWS]) if rows else None
        above, below = ([one_line(text, 400) for text in texts] for texts in (above, below))
        plain = [*above, *([table.plain] if table else []), *below]
        html = [
            *(f"<p>{escape(text)}</p>" for text in above),
            *([table.html] if table else []),
            *(f"<p>{escape(text)}</p>" for text in below),
        ]
        show_html("\n".join(html), "\n".join(plain))

    def _say(self, text: str) -> None:
        from byom_magics.plain import visible  # noqa: PLC0415 - with the rest that shows

        print(visible(text))  # noqa: T201 - a line for the person who typed the magic


def _address(arguments: Arguments) -> tuple[str | None, list[str]]:
    """The address, if the first word is one, and the words to look for."""
    words = list(arguments.words)
    if not words:
        return None, words
    first = words[0]
    if "://" in first:
        return first, words[1:]
    if _ADDRESS.fullmatch(first):
        return f"http://{first}", words[1:]
    return None, words
