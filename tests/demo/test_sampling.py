from __future__ import annotations

import json
import subprocess
import sys
from itertools import islice
from math import exp, fsum, log

import pytest

from byom_magics.demo.ngram import END, Model, Text, shipped_text
from byom_magics.demo.sampling import Sampler, Sampling, Token, continued
from byom_magics.demo.tokens import split

TEXTS = ["the cat sat on the mat.", "the dog sat on the cat.", "a cat is a cat is a dog."]
SMALL = Model(Text(TEXTS), 3)


def texts(model: Model, prompt: str, size: int = 60, **how: float) -> str:
    sampling = Sampling(**how)  # type: ignore[arg-type]
    return "".join(token.text or "" for token in islice(continued(model, prompt, sampling), size))


@pytest.fixture(params=[2, 5], ids=["bigram", "5gram"])
def model(request: pytest.FixtureRequest) -> Model:
    return Model(shipped_text(), request.param)


def test_temperature_0_always_says_the_same(model: Model) -> None:
    assert texts(model, "The with", temperature=0, seed=1) == texts(model, "The with", temperature=0, seed=2)


def test_the_same_seed_says_the_same_and_another_one_something_else(model: Model) -> None:
    assert texts(model, "The with", seed=1) == texts(model, "The with", seed=1)
    assert len({texts(model, "The with", seed=seed) for seed in range(5)}) == 5


def test_without_a_seed_every_answer_is_its_own(model: Model) -> None:
    assert texts(model, "The with") != texts(model, "The with")


def test_a_seed_means_the_same_in_every_process_and_every_python() -> None:
    # Written down once: what Python 3.10 to 3.13 all say.
    assert [texts(SMALL, "the", 12, seed=seed) for seed in range(6)] == EXPECTED
    script = (
        "import json; from itertools import islice; from byom_magics.demo.ngram import *;"
        "from byom_magics.demo.sampling import *;"
        f"m = Model(Text({TEXTS!r}), 3);"
        "print(json.dumps([''.join(t.text for t in islice(continued(m, 'the', Sampling(seed=s)), 12)) for s in range(6)]))"
    )
    said = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert json.loads(said) == EXPECTED


def test_a_tiny_top_p_is_greedy(model: Model) -> None:
    assert texts(model, "The", temperature=1.5, top_p=1e-9, seed=3) == texts(model, "The", temperature=0)


@pytest.mark.parametrize("temperature", [1e-300, 1e-9, 0.01])
def test_a_very_low_temperature_is_nearly_greedy_and_breaks_nothing(model: Model, temperature: float) -> None:
    before: list[str | None] = [" the"]
    (cold,) = {Sampler(model, Sampling(temperature=temperature, seed=seed)).draw(before).text for seed in range(9)}
    assert cold == Sampler(model, Sampling(temperature=0)).draw(before).text


def entropy(model: Model, temperature: float) -> float:
    likely = Sampler(model, Sampling(temperature=temperature, seed=1, top_logprobs=10**6)).draw([" the"]).alternatives
    return -fsum(exp(token.logprob) * token.logprob for token in likely if token.logprob is not None)


def test_heat_spreads_the_choice(model: Model) -> None:
    spreads = [entropy(model, temperature) for temperature in (0.2, 0.7, 1.0, 1.5, 2.0)]
    assert spreads == sorted(spreads)


@pytest.mark.parametrize("how", [Sampling(seed=1), Sampling(0.5, seed=1), Sampling(2, seed=1), Sampling(1, 0.5, 1)])
def test_the_logprobs_are_those_of_the_choice_and_add_up_to_one(model: Model, how: Sampling) -> None:
    for before in ([END], [" the"], [END, "The", " `", "with"]):
        token = Sampler(model, Sampling(how.temperature, how.top_p, how.seed, 10**6)).draw(before)
        chances = {one.text: one.logprob for one in token.alternatives}
        assert fsum(exp(logprob) for logprob in chances.values() if logprob is not None) == pytest.approx(1)
        assert chances[token.text] == token.logprob
        assert list(chances.values()) == sorted(chances.values(), reverse=True, key=lambda one: one or 0.0)


def test_at_temperature_1_the_logprobs_are_the_models_own(model: Model) -> None:
    before: list[str | None] = [END, "The", " `", "with"]
    for how in (Sampling(1, seed=4), Sampling(0)):
        token = Sampler(model, how).draw(before)
        assert token.logprob == pytest.approx(log(model.probability(before, token.text)))


def test_temperature_is_a_power_of_the_probabilities(model: Model) -> None:
    before: list[str | None] = [" the"]
    one, half = (Sampler(model, Sampling(heat, 1, 1, 3)).draw(before).alternatives for heat in (1.0, 0.5))
    gaps = [(a.logprob or 0.0) - (b.logprob or 0.0) for a, b in ((one[0], one[1]), (half[0], half[1]))]
    assert gaps[1] == pytest.approx(2 * gaps[0])


def test_top_p_keeps_the_likeliest_that_reach_it() -> None:
    whole = Sampler(SMALL, Sampling(seed=1, top_logprobs=10**6)).draw([" the"]).alternatives
    kept = Sampler(SMALL, Sampling(top_p=0.6, seed=1, top_logprobs=10**6)).draw([" the"]).alternatives
    chances = [exp(token.logprob or 0.0) for token in whole]
    assert fsum(chances[: len(kept) - 1]) < 0.6 <= fsum(chances[: len(kept)])
    assert [token.text for token in kept] == [token.text for token in whole[: len(kept)]]


def test_the_prompt_is_continued() -> None:
    assert texts(SMALL, "the dog sat", 2, temperature=0) == " on the"
    assert texts(SMALL, "the dog sat  \n", 2, temperature=0) == " on the"


@pytest.mark.parametrize("prompt", ["", "zebra", "the cat sat on the mat.", "\n\n", "\ud800"])
def test_every_prompt_is_answered_with_at_least_a_token(prompt: str) -> None:
    for seed in range(20):
        assert texts(SMALL, prompt, seed=seed)


def test_an_answer_ends_where_texts_end() -> None:
    assert texts(SMALL, "the dog sat on the cat", 99, temperature=0) == "."


@pytest.mark.parametrize("heat", [0.7, 1, 2])
def test_an_answer_has_the_tokens_that_its_text_has(model: Model, heat: float) -> None:
    for seed in range(3):
        tokens = [token.text or "" for token in islice(continued(model, "The", Sampling(heat, seed=seed)), 200)]
        assert split("".join(tokens)) == tokens


def test_alternatives_are_as_many_as_asked_for() -> None:
    token = next(continued(SMALL, "the", Sampling(seed=1, top_logprobs=2)))
    assert len(token.alternatives) == 2
    assert isinstance(token, Token)


EXPECTED = [" dog.", " cat.", " sat sat on the", " cat sat on the mat.", " cat sat on the cat. a a.", " dog."]
