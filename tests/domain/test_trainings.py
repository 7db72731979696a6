"""A training of a round's staff (Art. 11(3))."""

from datetime import date

import pytest

from domain.kernel import Refused, Secret, derived_id
from domain.trainings import HoldTraining, Training, TrainingHeld, evolve, hold

ROUND, TRAINING = derived_id("round", "1"), derived_id("training", "1")
ANNA, BERT = derived_id("person", "anna"), derived_id("person", "bert")
SUBJECT = Secret("巡查业务培训")


def held(state: Training | None = None, attendees: tuple[str, ...] = (ANNA,)) -> list[TrainingHeld]:
    command = HoldTraining(round=ROUND, subject=SUBJECT, attendees=attendees, held_on=date(2015, 10, 8))
    return hold(state, TRAINING, command, staff=(ANNA,))


def test_a_training_is_on_record_with_who_attended() -> None:
    """Article 11(3): sent twice, there is nothing to do."""
    (fact,) = held()
    assert fact == TrainingHeld(
        training=TRAINING, round=ROUND, subject=SUBJECT, attendees=(ANNA,), held_on=date(2015, 10, 8)
    )
    assert held(evolve(None, fact)) == []


@pytest.mark.parametrize(
    ("attendees", "rule"),
    [
        ((), "training_names_its_attendees"),
        ((ANNA, ANNA), "training_names_its_attendees"),
        ((BERT,), "training_of_the_rounds_staff"),
        ((ANNA, BERT), "training_of_the_rounds_staff"),
    ],
)
def test_those_trained_are_staff_of_the_round_each_named_once(attendees: tuple[str, ...], rule: str) -> None:
    """Article 11(3)."""
    with pytest.raises(Refused) as no:
        held(attendees=attendees)
    assert (no.value.rule.name, no.value.path) == (rule, "attendees")
