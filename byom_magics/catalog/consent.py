"""
What a project's file would do with a person's keys: it comes with the folder, from whoever made that.

`uses` tells which keys go where; `doubts` what is only done when the person says that the file is trusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from byom_magics.catalog.secrets.reference import is_reference, parsed
from byom_magics.catalog.secrets.resolving import bound_to, look

if TYPE_CHECKING:
    from byom_magics.catalog.entries import Entries
    from byom_magics.catalog.preset import Preset
    from byom_magics.catalog.registry import Registry
    from byom_magics.catalog.secrets.reference import Reference
    from byom_magics.catalog.spec import Endpoint

__all__ = ["doubts", "uses"]


# Variables in which clouds, code hosts, databases and notebook servers keep what opens more than a model.
_OF_OTHERS = re.compile(
    r"(AWS|AZURE|ARM|GOOGLE|GCP|GCLOUD|CLOUDSDK|GITHUB|GH|GITLAB|CI|BITBUCKET|JUPYTER|JUPYTERHUB|JPY|KUBE|DOCKER|VAULT"
    r"|CONSUL|NPM|PYPI|TWINE|PIP|UV|CONDA|SLACK|STRIPE|TWILIO|SENDGRID|DATABRICKS|SNOWFLAKE|WANDB|KAGGLE|PG|POSTGRES"
    r"|MYSQL|MONGO|MONGODB|REDIS|DATABASE|DB|SSH|GPG|GIT|SMTP|LDAP|HTTP|HTTPS|ALL)_|.*PASSW|PG|DATABASE_URL",
    re.IGNORECASE,
)


def uses(entries: Entries, origin: Callable[[str], str]) -> tuple[str, ...]:
    """Which key goes where, one line for each."""
    lines = []
    for endpoint in _own(entries):
        for what, reference in _references(endpoint):
            target = f"the proxy {endpoint.proxy}" if what == "proxy_login" else origin(endpoint.url)
            where = f"{target} (as {what})" if what != "api_key" else target
            lines.append(f"{reference.text} goes to {where}" if what != "tls.key_password" else
                         f"{reference.text} opens the private key of {endpoint.name}")  # fmt: skip
    return tuple(dict.fromkeys(lines))


def doubts(
    entries: Entries, registry: Registry, presets: Mapping[str, Preset], origin: Callable[[str], str]
) -> tuple[str, ...]:
    """What the file would do that a stranger's file should not do unasked, one line for each."""
    source = entries.document.source
    mine = {spec.key for spec in entries.models}
    found: list[str] = []
    for endpoint in _own(entries):
        at = f"endpoint {endpoint.name}" if endpoint.name else endpoint.url
        for what, reference in _references(endpoint):
            target = (endpoint.proxy or "") if what == "proxy_login" else endpoint.url
            if reference.kind == "command":
                found.append(f"{at} runs the program {reference.arguments[0]} for its {what}")
            elif reference.kind == "file":
                found.append(f"{at} reads {reference.name} for its {what}, and sends it to {origin(endpoint.url)}")
            elif reference.kind == "env" and _strays(reference.name, target, presets, origin):
                found.append(f"{at} sends {reference.text}, a key of another service, to {origin(target)}")
            elif reference.kind == "keyring" and _is_free(reference.text):
                found.append(f"{at} sends {reference.text}, a key that is not bound to any server, to {origin(target)}")
        if endpoint.tls.certificate:
            found.append(f"{at} shows the client certificate {endpoint.tls.certificate} to {origin(endpoint.url)}")
        if endpoint.tls.ca and (endpoint.tls.certificate or _references(endpoint)):
            found.append(f"{at} trusts the authority {endpoint.tls.ca} to say who is {origin(endpoint.url)}")
        if endpoint.unix_socket:
            found.append(f"{at} talks to the socket {endpoint.unix_socket}")
        if not endpoint.tls.verify:
            found.append(f"{at} does not check the server's certificate")
        if endpoint.allow_http_key:
            found.append(f"{at} lets a key travel unencrypted")
        found += _moved(endpoint, registry, mine, source, origin)
    return tuple(dict.fromkeys(found))


def _own(entries: Entries) -> list[Endpoint]:
    """The endpoints that the file itself describes; those of others go where they went before."""
    served = [spec.endpoint for spec in entries.models if spec.endpoint.source == entries.document.source]
    return list({id(each): each for each in (*entries.endpoints, *served)}.values())


def _references(endpoint: Endpoint) -> Iterable[tuple[str, Reference]]:
    given = {
        "api_key": endpoint.api_key,
        **{f"header {name}": value for name, value in endpoint.headers.items() if is_reference(value)},
        "proxy_login": endpoint.proxy_login,
        "tls.key_password": endpoint.tls.key_password,
    }
    return [(what, parsed(reference)) for what, reference in given.items() if reference is not None]


def _strays(variable: str, target: str, presets: Mapping[str, Preset], origin: Callable[[str], str]) -> bool:
    """Whether a variable is the usual one of a service, and what is sent to is none of that service."""
    homes = [each.url for each in presets.values() if each.api_key == f"env:{variable}"]
    if not homes:
        return _OF_OTHERS.match(variable) is not None
    return not any(_is_home(home, target, origin) for home in homes)


def _is_free(reference: str) -> bool:
    """Whether a key is in the keyring and anyone may receive it; one that is bound goes to its own server only."""
    return bool(look(reference).is_set) and not bound_to(reference)


def _is_home(home: str, url: str, origin: Callable[[str], str]) -> bool:
    scheme, _, rest = home.partition("://")
    if "{" not in home:
        return origin(home) == origin(url)
    # A word in braces is the person's own: one label of the host's name.
    pieces = re.split(r"\{\w+\}", rest.partition("/")[0])
    host = "[A-Za-z0-9-]+".join(map(re.escape, pieces))
    return re.fullmatch(rf"{scheme}://{host}(?::443)?", origin(url)) is not None


def _moved(
    endpoint: Endpoint, registry: Registry, mine: set[str], source: str, origin: Callable[[str], str]
) -> list[str]:
    """Models of others that would be asked elsewhere from now on."""
    now = registry.endpoints.get(endpoint.name)
    if now is None or now.source == source or origin(now.url) == origin(endpoint.url):
        return []
    others = [key for key in registry.served_at(endpoint.name) if key not in mine]
    if not others:
        return []
    keys = ", ".join(others[:5])
    return [f"endpoint {endpoint.name} would serve {keys} from {origin(endpoint.url)}, no longer {origin(now.url)}"]
