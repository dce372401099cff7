"""How long a search may go on: its moves, its deadline, and whether somebody asked it to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.domain.territories.design.problem import Progress, Search


class Watch:
    """Follows one search. Without a deadline nothing here depends on the time."""

    def __init__(self, search: Search, otherwise: str = "iterations") -> None:
        self.search, self.otherwise = search, otherwise
        self.begun = search.clock()
        self.ended = self.hurried = ""

    @property
    def stopped(self) -> str:
        """What ended the search: somebody, the deadline, or what does `otherwise`."""
        return self.ended or self.hurried or self.otherwise

    def goes_on(self, phase: str, share: float, deviation: float | None = None, until: float = 1.0) -> bool:
        """Tell how far it is; False when the search has to end, or its share `until` of the time is over."""
        if not self.ended:
            if not self.search.report(Progress(phase, share, deviation)):
                self.ended = "cancelled"
            elif self.left() <= 0:
                self.ended = "deadline"
            elif self.left(until) <= 0:
                self.hurried = "deadline"
                return False
        return not self.ended

    def left(self, until: float = 1.0) -> float:
        """Seconds until the deadline, or until this share of the time is over."""
        if self.search.deadline is None:
            return float("inf")
        return until * self.search.deadline - self.elapsed

    @property
    def elapsed(self) -> float:
        """Seconds since the start; none without a clock."""
        return self.search.clock() - self.begun

    def blocks(
        self, phase: str, total: int, told: tuple[float, float], until: float, deviation: Callable[[], float | None]
    ) -> Iterator[tuple[float, float]]:
        """So many blocks of moves, as the share of the schedule at the start and the end of each.

        When the share `until` of the time would be over first, the schedule goes faster, so that it still ends cold.
        `told` is what is reported: the shares of the whole work between which these blocks are.
        """
        begin, end = told
        share, done = 0.0, 0
        first = self.left()
        while share < 1 and self.goes_on(phase, begin + (end - begin) * share, deviation()):
            step = 1 / total
            if self.search.deadline is not None and done:
                possible = self.left(until) / ((first - self.left()) / done or 1e-9)
                step = min(1 - share, max(step, (1 - share) / max(possible, 1)))
                if step > 1.05 / total:
                    self.hurried = "deadline"
            yield share, min(1.0, share + step)
            share, done = (share + step if share + step < 1 - 1e-9 else 1.0), done + 1
