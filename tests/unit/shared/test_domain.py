import pytest

from shared.domain import DomainEvent, IllegalTransitionError, Machine, Transition

LAMP = Machine(
    "lamp",
    "off",
    (
        Transition("off", "press", "on", "lamp.lit"),
        Transition("on", "press", "off", "lamp.darkened"),
        Transition("on", "press", "broken", "lamp.broke"),
    ),
)


def test_only_rows_of_the_table_can_be_fired() -> None:
    assert LAMP.fire("off", "press").target == "on"
    with pytest.raises(IllegalTransitionError, match=r"'press' is not possible in state 'broken'.*final"):
        LAMP.fire("broken", "press")


def test_a_refusal_names_what_is_possible() -> None:
    with pytest.raises(IllegalTransitionError, match="Possible now: press"):
        LAMP.fire("off", "kick")


def test_a_guarded_row_has_to_be_named() -> None:
    assert LAMP.fire("on", "press", target="broken").event == "lamp.broke"
    with pytest.raises(LookupError, match="ambiguous"):
        LAMP.fire("on", "press")


def test_states_and_triggers_come_from_the_table() -> None:
    assert LAMP.states == {"off", "on", "broken"}
    assert LAMP.triggers("on") == {"press"}
    assert LAMP.allows("off", "press")
    assert not LAMP.allows("broken", "press")


def test_an_event_cannot_be_changed_after_it_happened() -> None:
    data = {"id": "1"}
    event = DomainEvent("lamp.lit", data)
    data["id"] = "2"
    assert event.data["id"] == "1"
    with pytest.raises(TypeError):
        event.data["id"] = "3"  # type: ignore[index]
