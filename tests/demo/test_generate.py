"""The made-up company: the same for the same seed, of the promised shape, and consistent in itself."""

from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from app.demo.generate import calendar_on, generate
from app.demo.places import cities_of
from app.demo.plot import Company

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def company() -> Company:
    return generate(1, TODAY)


def test_the_same_seed_makes_the_same_company_and_another_seed_another() -> None:
    assert generate(7, TODAY, 0.02) == generate(7, TODAY, 0.02)
    assert generate(7, TODAY, 0.02) != generate(8, TODAY, 0.02)


def test_it_has_the_promised_size(company: Company) -> None:
    assert Counter(seller.level for seller in company.sellers) == {0: 1, 1: 5, 2: 24, 3: 165}
    assert len(company.accounts) == pytest.approx(5_000, rel=0.01)
    assert len(company.opportunities) == 8_000
    assert len(company.transactions) == 60_000
    assert len([area for area in company.areas if area.coverage]) == pytest.approx(145, abs=10)


def test_everybody_reports_to_somebody_one_level_up(company: Company) -> None:
    level = {seller.number: seller.level for seller in company.sellers}
    assert all(level[seller.manager] == seller.level - 1 for seller in company.sellers if seller.manager)
    assert [seller.level for seller in company.sellers if seller.manager is None] == [0]


def test_names_and_addresses_are_unique(company: Company) -> None:
    assert len({seller.email for seller in company.sellers}) == len(company.sellers)
    assert len({account.name for account in company.accounts}) == len(company.accounts)


def test_accounts_stand_in_real_cities(company: Company) -> None:
    paris = next(city for city in cities_of("FR") if city.name == "Paris")
    assert paris.latitude == pytest.approx(Decimal("48.85"), abs=Decimal("0.1"))
    for account in company.accounts:
        assert abs(account.latitude - account.city.latitude) < Decimal("0.2")
        assert account.latitude == round(account.latitude, 6)


def test_subsidiaries_come_after_their_group(company: Company) -> None:
    seen = set()
    for account in company.accounts:
        assert account.parent is None or account.parent in seen
        seen.add(account.key)


def test_every_account_is_in_exactly_one_territory_whose_rule_it_meets(company: Company) -> None:
    accounts = {account.key: account for account in company.accounts}
    places = Counter(key for area in company.areas for key in (*area.accounts, *area.named))
    assert places == dict.fromkeys(accounts, 1)
    for area in company.areas:
        for account in map(accounts.__getitem__, area.accounts):
            assert (account.city.country, account.city.name in area.cities) == (area.country, True)
            assert area.min_employees is None or account.employees >= area.min_employees
            assert area.max_employees is None or account.employees <= area.max_employees


def test_shares_of_a_territory_add_up_to_the_whole_and_everybody_covers_something(company: Company) -> None:
    covered = [area for area in company.areas if area.coverage]
    assert all(sum(share for _, share in area.coverage) == 1 for area in covered)
    covering = {number for area in covered for number, _ in area.coverage}
    assert covering == {seller.number for seller in company.sellers if seller.level == 3}


def test_what_was_sold_lies_between_the_first_day_and_today_and_splits_are_whole(company: Company) -> None:
    for sold in company.transactions:
        assert company.calendar.start <= sold.day < TODAY
        assert (sold.amount < 0) == (sold.kind == "return")
        assert not sold.splits or sum(share for _, share in sold.splits) == 1


def test_decided_deals_have_their_day_and_open_ones_none(company: Company) -> None:
    for deal in company.opportunities:
        assert (deal.closed_on is not None) == (deal.stage in ("won", "lost"))
        assert deal.closed_on is None or deal.opened_on < deal.closed_on < TODAY


def test_whoever_sells_has_a_home_near_its_accounts_and_speaks_their_language(company: Company) -> None:
    selling = [seller for seller in company.sellers if seller.level == 3]
    assert all(seller.home and dict(seller.skills) for seller in selling)
    french = [seller for seller in selling if seller.team.startswith("France")]
    for seller in french:
        assert seller.home is not None
        assert 41 < seller.home[0] < 52
        assert dict(seller.skills)["french"] == 5


def test_people_cells_and_references_are_of_accounts_that_are_known(company: Company) -> None:
    unit = {contact.key: contact.account for contact in company.contacts}
    accounts = {account.key for account in company.accounts}
    assert set(unit.values()) <= accounts
    assert len(unit) == len(company.contacts) == pytest.approx(1_000, rel=0.1)
    assert all({relation.one, relation.other} <= unit.keys() for relation in company.relations)
    assert all(cell.contact is None or unit[cell.contact] == cell.account for cell in company.cells)
    cells = Counter((cell.account, cell.product, cell.contact) for cell in company.cells)
    assert set(cells.values()) == {1}
    for reference in company.references:
        assert unit[reference.contact] == reference.account != reference.target


def test_activities_were_done_by_the_owner_of_the_account_until_today_or_are_still_to_come(company: Company) -> None:
    for activity in company.activities:
        assert activity.seller == company.owner[activity.account]
        assert activity.done_on or activity.planned_on
        assert activity.done_on is None or company.calendar.start <= activity.done_on < TODAY
        assert not (activity.cancelled and activity.done_on)
        assert activity.distance_km is None or activity.kind == "visit"


@pytest.mark.parametrize(
    ("today", "year", "start"),
    [
        (date(2026, 10, 1), 2026, date(2026, 1, 1)),
        (date(2026, 12, 31), 2026, date(2026, 1, 1)),
        (date(2027, 1, 1), 2027, date(2026, 4, 1)),
        (date(2026, 6, 30), 2026, date(2025, 7, 1)),
        (date(2026, 7, 1), 2026, date(2025, 10, 1)),
    ],
)
def test_today_is_always_in_the_last_quarter(today: date, year: int, start: date) -> None:
    calendar = calendar_on(today)
    assert (calendar.year, calendar.start) == (year, start)
    assert (today - calendar.start).days >= 270
    assert today < calendar.end


def test_each_day_of_a_year_has_its_fiscal_year() -> None:
    days = [date.fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(400)]
    for before, after in pairwise(map(calendar_on, days)):
        assert after.start == before.start or after.start > before.start
