from __future__ import annotations

from app.security.cache import ExpiringMap


def test_an_entry_ends_at_its_own_time() -> None:
    entries: ExpiringMap[str, int] = ExpiringMap(10)
    entries.put("short", 1, until=5)
    entries.put("long", 2, until=9)
    assert (entries.get("short", 4.9), entries.get("long", 4.9)) == (1, 2)
    assert (entries.get("short", 5), entries.get("long", 5)) == (None, 2)
    assert len(entries) == 1


def test_it_never_holds_more_than_its_capacity_and_the_oldest_goes_first() -> None:
    entries: ExpiringMap[int, int] = ExpiringMap(3)
    for number in range(1000):
        entries.put(number, number, until=1e9)
        assert len(entries) <= 3
    assert [entries.get(number, 0) for number in range(996, 1000)] == [None, 997, 998, 999]


def test_storing_again_renews_and_takes_no_second_place() -> None:
    entries: ExpiringMap[str, int] = ExpiringMap(2)
    entries.put("a", 1, until=1)
    entries.put("b", 1, until=9)
    entries.put("a", 2, until=9)
    assert len(entries) == 2
    entries.put("c", 1, until=9)
    assert (entries.get("a", 5), entries.get("b", 5), entries.get("c", 5)) == (2, None, 1)


def test_unwanted_values_are_dropped_and_the_others_stay() -> None:
    entries: ExpiringMap[str, int] = ExpiringMap(5)
    for name, value in (("a", 1), ("b", 2), ("c", 1)):
        entries.put(name, value, until=9)
    entries.drop(lambda value: value == 1)
    assert [entries.get(name, 0) for name in "abc"] == [None, 2, None]
