from __future__ import annotations

import pytest

from byom_magics.talk.passwords import hide_passwords


@pytest.mark.parametrize(
    "code",
    [
        "connect(password='canary')",
        'PASSWORD = "canary"',
        "db_passwd: str = 'canary'",
        "{'client_secret': 'canary'}",
        "os.environ['API_KEY'] = 'canary'",
        "access_token=f'canary{x}'",
        "url = 'https://me:canary@host/x'",
        "create_engine('postgresql://me:canary@host:5432/db')",
    ],
)
def test_what_is_named_like_a_password_is_hidden(code: str) -> None:
    hidden = hide_passwords(code)
    assert "canary" not in hidden
    assert "[password hidden]" in hidden


@pytest.mark.parametrize(
    "code",
    [
        "df.sort_values(key='name', by='token')",
        "password = getpass('Password: ')",
        "token = tokens[0]",
        "register('m', api_key='env:MY_KEY')",
        "url = 'https://host:8080/a@b'",
        "print('the password is wrong')",
        "password = ''",
    ],
)
def test_other_code_stays_as_it_is(code: str) -> None:
    assert hide_passwords(code) == code


def test_what_surrounds_a_password_stays() -> None:
    assert hide_passwords("f(1, password='a', b='c')") == "f(1, password='[password hidden]', b='c')"
    assert hide_passwords("'ftp://me:a@host'") == "'ftp://me:[password hidden]@host'"


def test_sec_01_long_texts_are_read_in_linear_time() -> None:
    for text in ("password" * 20_000, "password=" * 20_000, "secret = '" + "a" * 200_000, "://" + ":" * 200_000):
        assert hide_passwords(text) == text
