"""Single values of a configuration by their dotted keys."""

import pytest
from owncontrol.errors import InputError
from owncontrol.study.dotted_keys import by_dotted_key, replace_value


def values():
    return {
        "level": 0.95,
        "visits": [{"name": "before", "day": 0}, {"id": "C1", "day": 180}, {"day": 7}],
        "excluded": ["P1", "P2"],
        "plan": {"version": "2"},
        "mixed": [{"name": "a"}, 3],
    }


def test_entries_of_lists_go_by_name_id_or_number():
    assert by_dotted_key(values()) == {
        "level": "0.95",
        "visits.before.name": "before",
        "visits.before.day": "0",
        "visits.C1.id": "C1",
        "visits.C1.day": "180",
        "visits.2.day": "7",
        "excluded": "['P1', 'P2']",
        "plan.version": "2",
        "mixed.a.name": "a",
        "mixed.1": "3",
    }


@pytest.mark.parametrize("key", ["level", "visits.C1.day", "visits.2.day", "excluded.1", "mixed.1"])
def test_a_value_is_replaced_where_its_key_says(key):
    changed = values()
    replace_value(changed, key, "new")
    before, after = by_dotted_key(values()), by_dotted_key(changed)
    differing = {name for name in after if before.get(name) != after[name]}
    assert differing == {"excluded" if key.startswith("excluded") else key}
    assert "new" in after[next(iter(differing))]


@pytest.mark.parametrize("key", ["levels", "visits.after.day", "visits.1.day", "level.x", ""])
def test_a_key_that_names_nothing_is_refused(key):
    with pytest.raises(InputError, match="the configuration has no key"):
        replace_value(values(), key, "new")
