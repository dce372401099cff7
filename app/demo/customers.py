"""Makes up whom the company knows at its customers, what they buy there, who speaks for it, and who may become one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

from app.demo.names import FIRST_NAMES, LAST_NAMES, STEMS, plain
from app.demo.offer import PRODUCTS
from app.demo.plot import Account, Calendar, Cell, Contact, Lead, Reference, Relation
from app.demo.regions import REGIONS

_KNOWN = 450
"""Accounts whose people are known: the largest."""
_ASSESSED = 300
"""Accounts whose cells of the penetration cube are filled."""
_LEADS = 160
_COMPETITORS = ("Nordplan", "Kairos Systems", "Brightflow")
_POSTS = (
    ("Head of operations", "Operations", "decision_maker"),
    ("IT architect", "IT", "influencer"),
    ("Plant manager", "Operations", "user"),
    ("Purchasing manager", "Purchasing", "blocker"),
    ("Controller", "Finance", "champion"),
)
_CULTURES = {country: region.culture for region in REGIONS for country in region.countries}


def largest(accounts: Sequence[Account], count: float) -> list[Account]:
    """The accounts with most potential, a dozen at least."""
    return sorted(accounts, key=lambda account: (-account.potential, account.key))[: max(12, round(count))]


def contacts(random: Random, accounts: Sequence[Account], owner: Mapping[str, str], scale: float) -> Iterator[Contact]:
    """Two people or so of each of the larger accounts; of every tenth nobody who decides is known."""
    number = 0
    for n, account in enumerate(largest(accounts, _KNOWN * scale)):
        posts = [_POSTS[0 if n % 10 else 3], random.choice(_POSTS[1:3])] + [_POSTS[4]] * (random.random() < 0.2)
        for post in posts:
            number += 1
            name = _person(random, account)
            yield Contact(
                key=f"C{number:05d}",
                account=account.key,
                name=name,
                email=f"{plain(name)}@{plain(account.name).replace('.', '-')[:40]}.example",
                post=post,
                strength=random.choice((0, 1, 2, 3, 3, 4, 5)),
                owner=owner[account.key],
            )


def relations(random: Random, people: Sequence[Contact], accounts: Sequence[Account]) -> Iterator[Relation]:
    """Within an account the others report to the first; some know somebody at the next account of the industry."""
    industry = {account.key: account.industry for account in accounts}
    units: dict[str, list[Contact]] = defaultdict(list)
    for person in people:
        units[person.account].append(person)
    for first, *others in units.values():
        for other in others:
            yield Relation(other.key, first.key, "reports_to", random.randint(1, 5))
    heads: dict[str, list[Contact]] = defaultdict(list)
    for first, *_ in units.values():
        heads[industry[first.account]].append(first)
    for known in heads.values():
        for one, other in list(pairwise(known))[::2]:
            yield Relation(
                one.key, other.key, random.choice(("knows", "works_with", "influences")), random.randint(1, 4)
            )


def cells(
    random: Random, calendar: Calendar, people: Sequence[Contact], accounts: Sequence[Account], scale: float
) -> Iterator[Cell]:
    """What the larger accounts have, could use, were offered or have from others; some of it person by person."""
    known: dict[str, list[Contact]] = defaultdict(list)
    for person in people:
        known[person.account].append(person)
    stati = ("owned", "owned", "open", "open", "competitor", "proposed", "not_applicable")
    for account in largest(accounts, _ASSESSED * scale):
        for product in random.sample(PRODUCTS, 5):
            status = random.choice(stati)
            shown = calendar.today - timedelta(days=random.randint(5, 300))
            worth = None if status == "not_applicable" else _share_of(random, account.potential)
            rival = random.choice(_COMPETITORS) if status == "competitor" else None
            seen = shown if status != "open" or random.random() < 0.4 else None
            yield Cell(account.key, product.code, None, status, worth, rival, seen)
            if status in ("open", "proposed") and random.random() < 0.5:
                person = random.choice(known[account.key])
                yield Cell(account.key, product.code, person.key, status, None, None, shown)


def references(people: Sequence[Contact], accounts: Sequence[Account]) -> Iterator[Reference]:
    """Customers that were asked to speak for the company; each leads on to the next of its industry."""
    by_key = {account.key: account for account in accounts}
    first: dict[str, Contact] = {}
    for person in people:
        first.setdefault(person.account, person)
    asked = list(first.values())[:40]
    fates = ("agreed", "used", "requested", "declined", "retired")
    for n, (person, following) in enumerate(pairwise(asked)):
        kind = ("reference", "testimonial", "referral")[n % 3]
        name = by_key[person.account].name
        yield Reference(
            kind=kind,
            account=person.account,
            contact=person.key,
            subject=f"How {name} plans its sites",
            target=following.account,
            fate=fates[n % len(fates)],
        )


def leads(random: Random, accounts: Sequence[Account], owner: Mapping[str, str], scale: float) -> Iterator[Lead]:
    """Companies that may become customers, near accounts that are; what becomes of each."""
    fates = ("new", "qualified", "new", "converted", "disqualified", "new", "qualified", "reopened")
    for n in range(max(len(fates), round(_LEADS * scale))):
        near = random.choice(accounts)
        name, company = _person(random, near), f"{random.choice(STEMS.split())} {near.city.name} {n + 1}"
        yield Lead(
            name=name,
            email=f"{plain(name)}@{plain(company)}.example",
            company=company,
            city=near.city.name,
            country=near.city.country,
            job_function=random.choice(("Purchasing", "Operations", "IT", "Finance")),
            industry=near.industry,
            employees=random.randint(8, 900),
            source=random.choice(("Trade fair", "Web site", "Referral")),
            score=random.randint(5, 95),
            owner=owner[near.key],
            fate=fates[n % len(fates)],
        )


def _person(random: Random, account: Account) -> str:
    culture = _CULTURES[account.city.country]
    return f"{random.choice(FIRST_NAMES[culture].split())} {random.choice(LAST_NAMES[culture].split())}"


def _share_of(random: Random, potential: Decimal) -> Decimal:
    return Decimal(round(float(potential) * random.uniform(0.05, 0.4) / 100) * 100)
