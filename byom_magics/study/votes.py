"""The votes of a session: collected one by one, written to files, and pooled with those of others."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from byom_magics.errors import OptionError
from byom_magics.plain import visible
from byom_magics.study import pooling
from byom_magics.study.vote import Vote

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["Loaded", "Votes"]


class Loaded(NamedTuple):
    """How many votes of a file were new, and how many were there already."""

    new: int
    known: int


class Votes:
    """
    Votes in the order in which they came; each counts once, however often it is added. Any thread may use it.

    Args:
        votes: Those to begin with.
    """

    def __init__(self, votes: Iterable[Vote] = ()) -> None:
        self._lock = threading.Lock()
        self._votes: dict[str, Vote] = {}
        self.extend(votes)

    def __len__(self) -> int:
        return len(self._votes)

    def __iter__(self) -> Iterator[Vote]:
        with self._lock:
            return iter(tuple(self._votes.values()))

    def __repr__(self) -> str:
        return f"<{len(self):,} vote{'' if len(self) == 1 else 's'}>"

    def add(self, vote: Vote) -> bool:
        """
        Keep a vote.

        Returns:
            Whether it was not there yet.
        """
        return self.extend([vote]).new == 1

    def extend(self, votes: Iterable[Vote]) -> Loaded:
        """
        Keep several votes: all, or none if one of them is not what it was before.

        Raises:
            OptionError: One has the id of another vote that is here, or is none.
        """
        several: list[Any] = list(votes)  # a person may hand over anything
        wrong = next((each for each in several if not isinstance(each, Vote)), None)
        if wrong is not None:
            what = f"{visible(repr(wrong)[:60])} is no vote."
            raise OptionError(what, hint="votes come of blind comparisons, or of files: votes.load('class.json')")
        with self._lock:
            fresh: dict[str, Vote] = {}
            for vote in several:
                before = self._votes.get(vote.id) or fresh.setdefault(vote.id, vote)
                if before != vote:
                    what = f"Two different votes have the id {vote.id}, and none was taken in."
                    raise OptionError(what, hint="give each vote an id of its own, or leave one of them out")
            self._votes.update(fresh)
        return Loaded(len(fresh), len(several) - len(fresh))

    def clear(self) -> int:
        """
        Forget all votes.

        Returns:
            How many there were.
        """
        with self._lock:
            count = len(self._votes)
            self._votes.clear()
        return count

    def export(self, path: str | PathLike[str]) -> int:
        """
        Write all votes to a file, for others to `load`. The prompts are not in it, only their hashes.

        A file of votes is replaced, if all votes in it are here too.

        Args:
            path: The file: a table with commas if it ends in ``.csv``, else JSON.

        Returns:
            How many votes were written.

        Raises:
            OptionError: There is something else under that name, or it cannot be written.
        """
        votes = list(self)
        known = {vote.id for vote in votes}
        there = pooling.present(path)
        lost = sum(vote.id not in known for vote in there)
        if lost:
            what = f"{visible(str(path))} holds {lost:,} vote{'s' * (lost > 1)} that would be lost; it stays as it is."
            raise OptionError(what, hint="import it first, so that all are together, or name another file")
        pooling.write(path, votes)
        return len(votes)

    def load(self, *paths: str | PathLike[str]) -> Loaded:
        """
        Add the votes of files that `export` wrote, such as one from each of a class.

        Nothing is added if anything is wrong in any of them.

        Returns:
            How many votes were new, and how many were here already.

        Raises:
            OptionError: A file is none of votes: it says which, and which vote and field.
        """
        return self.extend([vote for path in paths for vote in pooling.read(path)])
