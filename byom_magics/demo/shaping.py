"""A value that is valid against a JSON Schema, filled from the question, the reference and the results of tools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, count, islice
from typing import Any

from byom_magics.demo.checking import fits
from byom_magics.demo.figures import Figures, chosen, yes_or_no
from byom_magics.demo.fitting import in_limits, texts_that_fit
from byom_magics.demo.material import Material, Source, roots
from byom_magics.demo.schema import Document, Node, Schema, SchemaProblem, types_of
from byom_magics.demo.wording import Wording

__all__ = ["shaped"]

_DEEPEST = 60
_FULL_DEPTH = 6
_MOST_VALUES = 3_000
_LONGEST = 20_000
_SIMPLEST_FIRST = ("null", "boolean", "integer", "number", "string", "array", "object")


def shaped(schema: Document, material: Material) -> Any:  # noqa: ANN401 - JSON
    """
    Make a value that is valid against a schema.

    Args:
        schema: The schema.
        material: What to fill it with. Values that it gives by name are taken where they fit.

    Returns:
        JSON as Python has it. What need not be there and cannot be known is left out or null.

    Raises:
        SchemaProblem: The schema cannot be read, or no value was found that fits it.
    """
    document = Schema(schema)
    found: Any = None
    for most in (3, 2, 1):
        found = _Shaper(document, material, most).value(schema, _Place("", material.best))
        if len(str(found)) <= _LONGEST:
            break
    if not fits(found, schema, document):
        raise SchemaProblem("I found no value that fits it")
    return found


@dataclass(frozen=True)
class _Place:
    """
    Where a value stands.

    Attributes:
        name: The name of the property; that of the list for its items.
        source: The passage that it is about.
        depth: How deep it is.
        above: The objects that it is inside of, by what they are made of.
        needed: Whether there has to be a value, grounded or not.
    """

    name: str
    source: Source
    depth: int = 0
    above: tuple[int, ...] = ()
    needed: bool = True

    @property
    def sparse(self) -> bool:
        """Whether as little as possible is wanted: deep down, and where a form holds itself."""
        return self.depth > _FULL_DEPTH or len(self.above) - len(set(self.above)) > 0


class _Unknown(SchemaProblem):
    """Nothing is known about a value that need not be there."""


class _Shaper:
    def __init__(self, document: Schema, material: Material, most: int) -> None:
        self._document = document
        self._material = material
        self._most = most
        self._wording = Wording(material)
        self._figures = Figures(material)
        self._made = 0

    def value(self, schema: object, place: _Place) -> Any:  # noqa: ANN401 - JSON
        self._made += 1
        if place.depth > _DEEPEST or self._made > _MOST_VALUES:
            raise SchemaProblem("a value of it would have no end")
        node = self._document.node(schema)
        if "const" in node:
            return node["const"]
        if isinstance(node.get("enum"), list):
            return self._chosen(node, place)
        forms = list(self._document.forms(node))
        if len(forms) == 1 and forms[0] is node:
            return self._made_as(node, place)
        return self._any_of(node, forms, place)

    def _any_of(self, node: Node, forms: list[Node], place: _Place) -> Any:  # noqa: ANN401 - JSON
        nullable = any(_kind(form) == "null" for form in forms) and fits(None, node, self._document)
        liked = sorted((form for form in forms if _kind(form) != "null"), key=lambda form: self._liking(form, place))
        for needed in (place.needed and not nullable, place.needed):
            for form in liked:
                with suppress(SchemaProblem):
                    found = self.value(form, replace(place, needed=needed, depth=place.depth + 1))
                    if fits(found, node, self._document):
                        return found
            if nullable and (place.needed or "default" in node):
                return None
        raise SchemaProblem("none of its forms can be filled")

    def _liking(self, form: Node, place: _Place) -> tuple[float, int]:
        kind = _kind(form)
        simple = _SIMPLEST_FIRST.index(kind) if kind in _SIMPLEST_FIRST else 0
        if place.sparse:
            return 0, simple
        said = set(roots(" ".join(_told_by(form, self._document))))
        given = self._material.facts.get(place.name, ())
        return -len(said & self._material.words) - 10 * any(fits(fact, form, self._document) for fact in given), 0

    def _made_as(self, node: Node, place: _Place) -> Any:  # noqa: ANN401 - JSON
        kind = _kind(node)
        if kind == "object":
            return self._object(node, place)
        if kind == "array":
            return self._array(node, place)
        if kind in ("number", "integer"):
            return self._number(node, place)
        if kind == "boolean":
            return self._truth(node, place)
        if kind == "null":
            return None
        if kind and kind != "string":
            raise SchemaProblem(f"there is no type '{kind}'")
        return self._string(node, place)

    # Scalars

    def _chosen(self, node: Node, place: _Place) -> Any:  # noqa: ANN401 - JSON
        values = node["enum"]
        grounded = chosen(values, self._material, place.source, place.name, sure=True)
        return self._first(grounded, () if "default" not in node else (node["default"],), values, node, place)

    def _string(self, node: Node, place: _Place) -> str:
        description, form = str(node.get("description", "")), str(node.get("format", ""))
        grounded = texts_that_fit(
            self._wording.grounded(place.name, description, form, place.source, loose=place.needed), node
        )
        example = self._wording.example(form, place.name) if form else ""
        texts = self._wording.texts(place.name, description, form, place.source)
        free = {name: value for name, value in node.items() if name != "format"}  # a format is no more than a wish
        rest = chain((example,) if example else (), texts_that_fit(texts, free, self._material.question))
        found = str(self._first(grounded, (), rest, node, place))
        self._wording.used.add(found)
        return found

    def _number(self, node: Node, place: _Place) -> Any:  # noqa: ANN401 - JSON
        description = str(node.get("description", ""))
        grounded = self._figures.numbers(place.name, description, node, place.source, loose=place.needed)
        whole = _kind(node) == "integer"
        numbers = (int(each) if whole and float(each).is_integer() else each for each in grounded)
        found = self._first(numbers, (0,), in_limits(node, whole=whole), node, place)
        self._figures.use(found)
        return found

    def _truth(self, node: Node, place: _Place) -> Any:  # noqa: ANN401 - JSON
        known = yes_or_no(place.name, str(node.get("description", "")), self._material)
        return self._first(() if known is None else (known,), (), (False, True), node, place)

    def _first(
        self, grounded: Iterable[Any], usual: Iterable[Any], rest: Iterable[Any], node: Node, place: _Place
    ) -> Any:  # noqa: ANN401 - JSON
        """The first value that fits: a grounded one, the schema's own default, any."""
        for value in grounded:
            if fits(value, node, self._document):
                return value
        if not place.needed:
            raise _Unknown("nothing is known about it")
        default = (node["default"],) if "default" in node else ()
        for value in chain(default, usual, rest):
            if fits(value, node, self._document):
                return value
        raise SchemaProblem(f"I found no value for '{place.name}'" if place.name else "I found no value that fits it")

    # Objects

    def _object(self, node: Node, place: _Place) -> dict[str, Any]:
        for fact in self._material.facts.get(place.name, ()) if place.name else ():
            if isinstance(fact, dict) and fits(fact, node, self._document):
                return fact
        properties = node.get("properties", {})
        inside = replace(place, depth=place.depth + 1, above=(*place.above, id(properties)), needed=True)
        required = list(node.get("required", ()))
        found: dict[str, Any] = {}
        for name, schema in properties.items():
            if name in required:
                found[name] = self.value(schema, replace(inside, name=name))
            elif not inside.sparse:
                try:
                    found[name] = self.value(schema, replace(inside, name=name, needed=False))
                except SchemaProblem:
                    continue
        other = node.get("additionalProperties", True)
        for name in required:
            if name not in found:
                found[name] = self.value(other, replace(inside, name=name))
        if not properties and isinstance(other, Mapping) and not inside.sparse:
            found.update(self._entries(other, inside, int(node.get("maxProperties", self._most)) - len(found)))
        numbers = count(1)
        while len(found) < node.get("minProperties", 0):
            found.setdefault(name := f"key{next(numbers)}", self.value(other, replace(inside, name=name)))
        return found

    def _entries(self, schema: Mapping[str, Any], place: _Place, most: int) -> dict[str, Any]:
        """A mapping without names of its own: of the passages by their titles, or of the names that were mentioned."""
        found: dict[str, Any] = {}
        kind = _kind(self._document.node(schema))
        if kind in ("number", "integer"):
            with suppress(SchemaProblem):  # the first name without a number is the last that is looked at
                for mention in self._material.mentions.of("name")[: max(most, 0)]:
                    found[mention.text] = self.value(schema, replace(place, name=mention.text, needed=False))
            return found
        for source in self._material.sources[: max(most, 0)]:
            name = place.name if kind in ("array", "object") else "summary"
            found[source.title] = self.value(schema, replace(place, name=name, source=source))
        return found

    # Arrays

    def _array(self, node: Node, place: _Place) -> list[Any]:
        for fact in self._material.facts.get(place.name, ()):
            if isinstance(fact, list) and fits(fact, node, self._document):
                return fact
        first, items = node.get("prefixItems", []), node.get("items", True)
        if isinstance(items, list):
            first, items = items, node.get("additionalItems", True)
        inside = replace(place, depth=place.depth + 1, needed=True)
        found = [self.value(schema, inside) for schema in first]
        least, most = int(node.get("minItems", 0)), int(node.get("maxItems", 1000))
        if items is not False and not first and not (place.sparse and not least):
            for value in self._items(items, inside, min(most, 1 if place.sparse else most)):
                if len(found) >= most:
                    break
                if not (node.get("uniqueItems") and value in found):
                    found.append(value)
        found = found[: max(most, 0)]
        return found if len(found) >= least else self._filled_up(found, least, node, items, inside)

    def _filled_up(self, found: list[Any], least: int, node: Node, items: object, place: _Place) -> list[Any]:
        """A list made as long as it has to be, with values that differ as long as there are some."""
        same = []
        for value in islice(self._more(items, place), 500):
            if value in found:
                same.append(value)
            else:
                found.append(value)
            if len(found) == least or (len(found) + len(same) >= least + 20 and not node.get("uniqueItems")):
                break
        return found if node.get("uniqueItems") else [*found, *same[: least - len(found)]]

    def _items(self, schema: object, place: _Place, most: int) -> Iterator[Any]:
        node = self._document.node(schema)
        kind = _kind(next(iter(self._document.forms(node)), node))
        source = place.source
        if isinstance(node.get("enum"), list):
            sure = [*dict.fromkeys(chosen(node["enum"], self._material, source, place.name, sure=True))]
            yield from islice(sure or [self._chosen(node, place)], most)
        elif kind == "object":
            yield from self._objects(schema, node, place, min(most, self._most))
        elif kind in ("number", "integer"):
            whole = kind == "integer"
            numbers = (int(each) if whole and float(each).is_integer() else each for each in self._figures.all())
            yield from islice((each for each in numbers if fits(each, node, self._document)), min(most, 1000))
        elif kind == "string" and node.get("format") is None:
            texts = self._wording.several(place.name, source)
            yield from islice((text for text in texts_that_fit(texts, node) if fits(text, node, self._document)),
                              min(most, 2 * self._most))  # fmt: skip
        elif kind in ("string", "array", ""):
            yield self.value(schema, place)

    def _objects(self, schema: object, node: Node, place: _Place, most: int) -> Iterator[Any]:
        """One for each passage; without passages one for each thing that is named."""
        if self._material.sources:
            about = self._material.sources if place.source is self._material.best else (place.source,)
            for source in about[:most]:
                yield self.value(schema, replace(place, source=source))
            return
        roles = {self._wording.role(name) for name in node.get("properties", {})}
        parts = self._material.split() if roles & {"person", "place"} else [self._material]
        if len(parts) == 1:
            yield self.value(schema, place)
            return
        for part in islice(parts, max(most, 20)):
            self._made += 1
            inner = _Shaper(self._document, part, self._most)
            yield inner.value(schema, replace(place, source=part.best))

    def _more(self, schema: object, place: _Place) -> Iterator[Any]:
        """Values to fill a list up with: one as it comes, then others of the kind that differ from each other."""
        yield self.value(schema, place)
        node = self._document.node(schema)
        kind = _kind(next(iter(self._document.forms(node)), node))
        tried: Iterator[Any] = iter(())
        if isinstance(node.get("enum"), list):
            tried = iter(node["enum"])
        elif kind in ("number", "integer"):
            low = node.get("minimum", node.get("exclusiveMinimum", 0))
            step = node.get("multipleOf", 1)
            tried = chain((low + step * number for number in range(100)),
                          (node.get("maximum", 100) - number / 128 for number in range(100)))  # fmt: skip
        elif kind == "boolean":
            tried = iter((True, False))
        elif kind == "string":
            some = self._wording.texts(place.name, "", str(node.get("format", "")), place.source)
            numbered = (f"{place.source.title} {number}" for number in count(2))
            tried = texts_that_fit(islice(chain(some, numbered), 300), node)
        yield from (value for value in tried if fits(value, node, self._document))
        for source in self._material.sources[1:]:
            yield self.value(schema, replace(place, source=source))
        for _ in range(200):
            yield self.value(schema, place)


def _kind(node: Node) -> str:
    return next(iter(types_of(node)), "")


def _told_by(form: Node, document: Schema) -> Iterator[str]:
    """What a form is called, and by what it is told from others."""
    yield str(form.get("title", ""))
    for name, schema in form.get("properties", {}).items():
        yield name
        try:
            node = document.node(schema)
        except SchemaProblem:
            continue
        yield from (str(value) for value in (node.get("const", ""), *node.get("enum", ())))
