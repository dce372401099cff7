"""A scenario as a problem of the design engine: rows of the database become arrays. Only the worker imports this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
from pydantic_core import to_json

from app.domain.kernel.money import round_half_away
from app.domain.kernel.scope import Tx
from app.domain.territories.contract.scenarios import DesignMethod, ScenarioTerms
from app.domain.territories.design.prepare import project
from app.domain.territories.design.problem import NOWHERE, Contiguity, Flags, Floats, Ints, Problem
from app.domain.territories.rules import new_territory_codes
from app.domain.territories.scenarios.terms import ACCOUNTS, COVERED, FAMILIES, LACKS, NEEDS, SELLERS, TERRITORIES

Row = Mapping[Any, Any]


@dataclass(frozen=True, eq=False)
class Inputs:
    """A problem, and what its positions stand for. `accounts` and `problem` count alike, `codes` its territories."""

    terms: ScenarioTerms
    currency: str
    codes: tuple[str, ...]
    accounts: Sequence[Row]
    loads: Sequence[Sequence[Decimal]]
    targets: Sequence[Sequence[Decimal]]
    needs: Mapping[UUID, tuple[int, ...]]
    lacks: Mapping[str, tuple[int, ...]]
    sellers: Sequence[Row]
    homes: Floats
    """[sellers, 2] where they live, in km; not a number where it is not known."""
    covered: Sequence[Row]
    """Who covers which of today's territories."""
    problem: Problem
    notes: tuple[str, ...]


async def read_inputs(tx: Tx, terms: ScenarioTerms) -> Inputs:
    """Everything that a search needs; `tx` must be a snapshot."""
    await tx.execute("set local statement_timeout = 0")
    start = {"model": terms.model_id, "as_of": terms.as_of}
    accounts = await tx.rows(ACCOUNTS, unplaced=terms.include_unplaced, **start)
    currency: str = await tx.value("select currency from organisation where org_id = :org_id")
    codes = await _codes(tx, terms)
    loads = [[row[goal.measure] for goal in terms.measures] for row in accounts]
    targets = _targets(terms, codes, loads)
    skills = to_json(terms.skills).decode()
    needs: dict[UUID, tuple[int, ...]] = {}
    lacks: dict[str, tuple[int, ...]] = {}
    if terms.skills:
        needs = {row["id"]: tuple(row["needs"]) for row in await tx.rows(NEEDS, skills=skills)}
        if terms.method is DesignMethod.REBALANCE:
            lacks = {row["code"]: tuple(row["lacks"]) for row in await tx.rows(LACKS, skills=skills, **start)}
    roots = {row["id"]: row["root"] for row in await tx.rows(FAMILIES)} if terms.keep_families else {}
    allowed, misfit = _fit(terms, codes, accounts, needs, lacks)
    sellers = await tx.rows(SELLERS, skills=skills, as_of=terms.as_of) if terms.match_sellers else []
    points, homes = _places(accounts, sellers)
    index = {code: n for n, code in enumerate(codes)}
    problem = Problem(
        points=points,
        weight=_floats(accounts, "workload"),
        loads=np.array(loads, dtype=np.float64).reshape(len(accounts), len(terms.measures)),
        targets=np.array(targets, dtype=np.float64),
        tolerance=np.array([goal.tolerance for goal in terms.measures], dtype=np.float64),
        today=np.array([index.get(row["code"], NOWHERE) for row in accounts], dtype=np.int32),
        stake=_floats(accounts, f"stake_{terms.stake}"),
        locked=_locked(terms, index, accounts),
        group=_groups(terms, accounts, roots),
        max_units=np.full(len(codes), terms.max_accounts or len(accounts), np.int32),
        allowed=allowed,
        misfit=misfit,
        contiguity=Contiguity(terms.contiguity.value),
        disruption=None if terms.disruption is None else float(terms.disruption) / 1000,
        centre_at_unit=terms.centred_at_account and terms.method is DesignMethod.CREATE,
    )
    return Inputs(
        terms=terms,
        currency=currency,
        codes=codes,
        accounts=accounts,
        loads=loads,
        targets=targets,
        needs=needs,
        lacks=lacks,
        sellers=sellers,
        homes=homes,
        covered=await tx.rows(COVERED, **start),
        problem=problem,
        notes=tuple(_notes(accounts)),
    )


async def _codes(tx: Tx, terms: ScenarioTerms) -> tuple[str, ...]:
    if terms.territory_count is not None:
        return new_territory_codes(terms.territory_count)
    return tuple(row["code"] for row in await tx.rows(TERRITORIES, model=terms.model_id))


def _floats(rows: Sequence[Row], name: str) -> Floats:
    return np.array([row[name] for row in rows], dtype=np.float64)


def _places(accounts: Sequence[Row], sellers: Sequence[Row]) -> tuple[Floats, Floats]:
    """Kilometres of accounts and of sellers' homes, in one plane."""
    known = [seller["latitude"] is not None and seller["longitude"] is not None for seller in sellers]
    rows = [*accounts, *(seller for seller, told in zip(sellers, known, strict=True) if told)]
    points = project(_floats(rows, "latitude"), _floats(rows, "longitude"))
    homes = np.full((len(sellers), 2), np.nan)
    homes[np.array(known, dtype=np.bool_)] = points[len(accounts) :]
    return points[: len(accounts)], homes


def _targets(terms: ScenarioTerms, codes: Sequence[str], loads: Sequence[Sequence[Decimal]]) -> list[list[Decimal]]:
    """What each territory should hold of each measure: its part of what there is."""
    portions = dict.fromkeys(codes, Decimal(1))
    portions |= {goal.territory_code: goal.portion / (2 if goal.ramping else 1) for goal in terms.targets}
    whole = sum(portions[code] for code in codes)
    totals = [sum((row[n] for row in loads), Decimal(0)) for n in range(len(terms.measures))]
    return [[round_half_away(total * portions[code] / whole, 4) for total in totals] for code in codes]


def _locked(terms: ScenarioTerms, index: Mapping[str, int], accounts: Sequence[Row]) -> Ints:
    asked = {lock.account_id: index[lock.territory_code] for lock in terms.locks}
    pins = terms.keep_pins and terms.method is DesignMethod.REBALANCE
    held = {row["id"]: index[row["code"]] for row in accounts if row["pinned"]} if pins else {}
    return np.array([asked.get(row["id"], held.get(row["id"], NOWHERE)) for row in accounts], dtype=np.int32)


def _groups(terms: ScenarioTerms, accounts: Sequence[Row], roots: Mapping[UUID, UUID]) -> Ints:
    """Families and lists that share an account become one group."""
    leader: dict[UUID, UUID] = {}

    def top(id: UUID) -> UUID:
        while leader.setdefault(id, id) != id:
            leader[id] = id = leader[leader[id]]
        return id

    for id, root in roots.items():
        leader[top(id)] = top(root)
    for group in terms.keep_together:
        for id in group.account_ids[1:]:
            leader[top(id)] = top(group.account_ids[0])
    tops = [top(row["id"]) if row["id"] in leader else None for row in accounts]
    size: dict[UUID | None, int] = {}
    for found in tops:
        size[found] = size.get(found, 0) + 1
    numbers = {found: n for n, found in enumerate(f for f in size if f is not None and size[f] > 1)}
    return np.array([numbers.get(found, NOWHERE) if found else NOWHERE for found in tops], dtype=np.int32)


def _fit(
    terms: ScenarioTerms,
    codes: Sequence[str],
    accounts: Sequence[Row],
    needs: Mapping[UUID, tuple[int, ...]],
    lacks: Mapping[str, tuple[int, ...]],
) -> tuple[Flags | None, Floats | None]:
    """Which pairs a required skill forbids, and how much further a missing one makes a territory seem."""
    if not any(lacks.values()):
        return None, None
    missing: Floats = np.array([[n in lacks.get(code, ()) for code in codes] for n in range(len(terms.skills))], float)
    needed = np.zeros((len(accounts), len(terms.skills)))
    for row, account in zip(needed, accounts, strict=True):
        row[list(needs.get(account["id"], ()))] = 1
    required = np.array([need.required for need in terms.skills])
    distance = np.array([float(need.distance) for need in terms.skills]) * ~required
    allowed: Flags = (needed * required) @ missing == 0
    return allowed, (needed * distance) @ missing


def _notes(accounts: Sequence[Row]) -> list[str]:
    unplaced = sum(row["approximate"] for row in accounts)
    unknown = sum(row["rate_missing"] for row in accounts)
    notes = []
    if unplaced:
        notes.append(
            f"{unplaced} accounts have no coordinates: they count as in the middle of the accounts of their city,"
            " else of their country, else of all."
        )
    if unknown:
        notes.append(f"{unknown} accounts are in a currency without an exchange rate that day: their amounts count 0.")
    return notes
