"""Which unpaid order a transfer may be for: only one whose total is the transfer's amount, and each once."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.gateway.bank.statement import Line
from services.gateway.bank.text import folded

Reason = Literal["number", "name", "amount"]
Confidence = Literal["high", "medium", "low"]

_WORD = re.compile(r"[^\W_]+")
_NUMBER = r"[\s.:#]{0,3}(\d{1,9})\b(?![ .,/-]?\d)"
_NO = r"(?:nr|no|numer|number|nummer)\b"
_ORDER_NUMBER = re.compile(rf"(?:#|\b(?:order\w*|zam\w*|bestell\w*|auftrag\w*)\b[\s.:]{{0,3}}(?:{_NO})?){_NUMBER}")
_SOME_NUMBER = re.compile(rf"\b{_NO}{_NUMBER}")
"""May be a school's."""
_SCORES: dict[str, int] = {"order number": 4, "name": 3, "some number": 1}
_SURE = 3


@dataclass(frozen=True, slots=True)
class Unpaid:
    """An order that waits for its money."""

    id: UUID
    number: int
    name: str
    email: str
    amount: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a transfer may have paid, and why.

    `reason`: the order's `number` is in the text, or the client's whole `name` is, or it is the `amount` alone, which
    no other open order and no other open transfer has. `confidence` is `high` when one order alone is named as an order
    or by name; `medium` when several are, or a number may be something else's; `low` for the amount alone.
    """

    order: Unpaid
    reason: Reason
    confidence: Confidence


def propose(lines: Sequence[Line], orders: Iterable[Unpaid]) -> dict[int, Proposal]:
    """Proposals by the index of the line; the surest choose first."""
    search = _Search(orders)
    found = [(index, scores) for index, line in enumerate(lines) if (scores := search.scores(line))]
    found.sort(key=lambda each: -max(each[1].values()))
    taken: set[UUID] = set()
    proposals: dict[int, Proposal] = {}
    for index, scores in found:
        free = [order for order in scores if order.id not in taken]
        best = min(free, key=lambda order: (-scores[order], order.number), default=None)
        if best is not None:
            taken.add(best.id)
            proposals[index] = _named(best, scores)
    return proposals | _alone(lines, [order for order in search.orders if order.id not in taken], proposals)


def _named(order: Unpaid, scores: Counter[Unpaid]) -> Proposal:
    least = max(_SURE, max(scores.values()) - _SURE)  # who is named in two ways has no rival in who is in one
    sure = [each for each, score in scores.items() if score >= least]
    reason: Reason = "name" if scores[order] == _SCORES["name"] else "number"
    return Proposal(order, reason, "high" if sure == [order] else "medium")


def _alone(lines: Sequence[Line], orders: list[Unpaid], proposals: dict[int, Proposal]) -> dict[int, Proposal]:
    """Of what is left over: one order and one transfer with the same amount, and no other has it.

    A text that names an order means that one, even when it is paid, or its amount is another.
    """
    open_lines, open_orders = defaultdict(list), defaultdict(list)
    for order in orders:
        open_orders[order.amount].append(order)
    for index, line in enumerate(lines):
        names_other = _ORDER_NUMBER.search(line.folded)
        if index not in proposals and line.amount in open_orders and not names_other:
            open_lines[line.amount].append(index)
    return {
        at[0]: Proposal(open_orders[amount][0], "amount", "low")
        for amount, at in open_lines.items()
        if len(at) == len(open_orders[amount]) == 1
    }


class _Search:
    """Orders by number and by the longest word of the client's name, so that a line costs no look at each."""

    def __init__(self, orders: Iterable[Unpaid]) -> None:
        self.orders = list(orders)
        self._amounts = {order.amount for order in self.orders}
        self._numbers = {order.number: order for order in self.orders}
        self._names: dict[str, list[tuple[Unpaid, set[str]]]] = defaultdict(list)
        for order in self.orders:
            words = {word for word in _WORD.findall(folded(order.name)) if len(word) > 1 and word.isalpha()}
            if len(words) > 1:  # a first name alone is nobody's
                self._names[max(words, key=len)].append((order, words))

    def scores(self, line: Line) -> Counter[Unpaid]:
        """Every order of the line's amount that its text speaks of."""
        scores: Counter[Unpaid] = Counter()
        if line.amount not in self._amounts:
            return scores
        words = set(_WORD.findall(line.folded))
        for order, name in (each for word in words for each in self._names.get(word, ())):
            scores[order] += _SCORES["name"] if name <= words else 0
        for pattern, kind in ((_ORDER_NUMBER, "order number"), (_SOME_NUMBER, "some number")):
            for number in {int(each) for each in pattern.findall(line.folded)}:
                if numbered := self._numbers.get(number):
                    scores[numbered] += _SCORES[kind]
        return Counter({order: score for order, score in scores.items() if score and order.amount == line.amount})
