r"""
The contract of dialects: tests that a dialect has to pass, also one that comes with a plug-in.

In a plug-in's own tests::

    from byom_magics.testing import Case, DialectContract

    class TestMyDialect(DialectContract):
        dialect = my_plugin.DIALECT
        cases = (Case("hello", b'data: {"say": "hello"}\n\ndata: {"end": "done"}\n\n', text="hello", …), …)

pytest runs it; every test is also a plain method that raises `AssertionError`. Nothing is sent anywhere.
"""

from byom_magics.testing.case import Case, Feature, Listing
from byom_magics.testing.contract import DialectContract
from byom_magics.testing.playing import Outcome, play

__all__ = ["Case", "DialectContract", "Feature", "Listing", "Outcome", "play"]
