from __future__ import annotations

from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.demo.ngram import END, Model, Text, shipped_text
from byom_magics.demo.tokens import split
from byom_magics.demo.topics import shipped

TEXT = Text(["the cat sat on the mat.", "the dog sat on the cat.", "a b c"])


def spread(model: Model, before: list[str | None]) -> dict[str | None, float]:
    chances = model.next(before)
    rest = {number: chances.share * chance for number, chance in chances.others if number not in chances.seen}
    return {model.text.tokens[number]: chance for number, chance in {**rest, **chances.seen}.items()}


@given(st.lists(st.sampled_from([*TEXT.tokens, "unknown", ",", "\n"]), max_size=6), st.sampled_from([2, 3, 5]))
def test_the_probabilities_add_up_to_one(before: list[str | None], order: int) -> None:
    assert fsum(spread(Model(TEXT, order), before).values()) == pytest.approx(1)


def test_a_bigram_counts_what_followed_and_mixes_by_witten_and_bell() -> None:
    # " sat" was seen twice, followed by " on" each time: 2 of 2 + 1 parts, the last part is spread over all others.
    chances = spread(Model(TEXT, 2), [" sat"])
    alone = dict(TEXT.after_border(" w"))[TEXT.numbers[" on"]]
    assert chances[" on"] == pytest.approx(2 / 3 + 1 / 3 * alone)


def test_a_longer_context_tells_more() -> None:
    before: list[str | None] = [END, "the", " dog", " sat", " on", " the"]
    assert spread(Model(TEXT, 2), before)[" cat"] == pytest.approx(spread(Model(TEXT, 2), [" the"])[" cat"])
    assert spread(Model(TEXT, 5), before)[" cat"] > spread(Model(TEXT, 2), before)[" cat"]


def test_no_context_but_the_last_tokens_matters() -> None:
    one, other = [[END, "a", *split(" sat on")], [END, *split("the cat b sat on")]]
    assert spread(Model(TEXT, 3), one) == spread(Model(TEXT, 3), other)


def test_an_unknown_token_leaves_the_shorter_context() -> None:
    assert spread(Model(TEXT, 5), ["unknown", " sat"]) == spread(Model(TEXT, 5), [" sat"])
    assert spread(Model(TEXT, 5), [" sat", " unknown"])[" on"] > 0


@given(st.lists(st.sampled_from(TEXT.tokens), min_size=1, max_size=3))
def test_what_could_not_stand_there_is_impossible(before: list[str | None]) -> None:
    for token, chance in spread(Model(TEXT, 5), before).items():
        if chance and token is not END and before[-1] is not END:
            assert split(f"{before[-1]}{token}") == [before[-1], token]


def test_a_text_may_end_anywhere_but_only_known_tokens_come() -> None:
    model = Model(TEXT, 2)
    assert model.probability([" cat"], END) > 0
    assert model.probability([" cat"], "zebra") == 0


def test_a_longer_model_knows_its_own_text_better() -> None:
    text = shipped_text()
    long, short = Model(text, 5), Model(text, 2)
    for passage in shipped()[:3]:
        assert long.perplexity(passage.markdown) < short.perplexity(passage.markdown)


def test_the_shipped_text_is_the_whole_reference() -> None:
    text = shipped_text()
    stream = [text.tokens[number] for number in text.stream]
    assert stream.count(END) == len(shipped()) + 1
    assert "".join(token or "\0" for token in stream).strip("\0").split("\0") == [
        passage.markdown for passage in shipped()
    ]
