"""The order in which rows that refer to each other can be stored."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.imports.hierarchy import levels

KEYS = [f"k{n}" for n in range(12)]


def test_a_parent_comes_a_level_before_its_children() -> None:
    found = levels({"child": "parent", "parent": "top"}, {"child", "parent", "top"}, set())
    assert (dict(found.depth), found.orphans, found.cyclic) == ({"parent": 1, "child": 2}, set(), set())


def test_a_parent_that_is_stored_already_needs_no_level() -> None:
    found = levels({"child": "stored"}, {"child"}, {"stored"})
    assert (dict(found.depth), found.orphans) == ({"child": 0}, set())


def test_a_parent_nobody_knows_makes_an_orphan_but_not_of_those_below() -> None:
    found = levels({"child": "lost", "grandchild": "child"}, {"child", "grandchild"}, set())
    assert (found.orphans, dict(found.depth)) == ({"child"}, {"child": 0, "grandchild": 1})


def test_rows_that_stand_above_themselves_are_found_with_all_below() -> None:
    found = levels({"a": "b", "b": "a", "below": "a", "self": "self"}, {"a", "b", "below", "self"}, set())
    assert found.cyclic == {"a", "b", "below", "self"}


@given(
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from([*KEYS, "elsewhere"])),
    st.sets(st.sampled_from(KEYS)),
)
def test_every_row_has_a_level_above_its_parents_or_is_cyclic(parents: dict[str, str], more: set[str]) -> None:
    present = parents.keys() | more
    found = levels(parents, present, {"elsewhere"})
    for key, parent in parents.items():
        if key in found.cyclic:
            # Walking up never ends: after as many steps as there are rows it is still below one.
            at = key
            for _ in KEYS:
                at = parents[at]
            assert at in found.cyclic
        elif parent in present:
            assert found.depth[key] == found.depth.get(parent, 0) + 1
        else:
            assert found.depth[key] == 0
            assert (key in found.orphans) == (parent != "elsewhere")
