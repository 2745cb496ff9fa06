from __future__ import annotations

from byom_magics.demo.search import Entry, Index

INDEX = Index(
    [
        Entry(("slic",), ("slic", "sequence", "select")),
        Entry(("list", "method"), ("list", "sort", "slic")),
        Entry(("tuple",), ("sequence", "tuple") * 10),
    ]
)


def ranked(*words: str) -> list[int]:
    return [hit.number for hit in INDEX.rank([{word: 1.0} for word in words])]


def test_a_title_that_says_it_beats_a_text_that_mentions_it() -> None:
    assert ranked("slic") == [0, 1]


def test_an_entry_with_all_that_is_asked_for_beats_one_with_a_part() -> None:
    assert ranked("slic", "list")[0] == 1


def test_coverage_is_the_share_of_the_question_that_an_entry_speaks_of() -> None:
    hits = {hit.number: hit.coverage for hit in INDEX.rank([{"slic": 1.0}, {"unknown": 1.0}])}
    assert 0 < hits[0] < 0.5
    assert INDEX.rank([{"slic": 1.0}])[0].coverage == 1


def test_terms_that_stand_for_one_thing_are_one_thing() -> None:
    hits = INDEX.rank([{"unknown": 1.0, "tuple": 0.5}])
    assert [(hit.number, hit.coverage) for hit in hits] == [(2, 1.0)]


def test_names_are_found_without_making_the_title_longer() -> None:
    plain, named = Entry(("function",), ("x",)), Entry(("function",), ("x",), ("`@`",))
    assert [hit.number for hit in Index([plain, named]).rank([{"`@`": 1.0}])] == [1]
    one, other = (Index([entry]).rank([{"x": 1.0}])[0] for entry in (plain, named))
    assert one.coverage == other.coverage


def test_favourites_come_first() -> None:
    assert [hit.number for hit in INDEX.rank([{"slic": 1.0}], {1: 10.0})] == [1, 0]


def test_what_is_not_there_is_not_found() -> None:
    assert INDEX.rank([{"unknown": 1.0}]) == []
    assert INDEX.rank([]) == []
    assert Index([]).rank([{"x": 1.0}]) == []
