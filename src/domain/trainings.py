"""The training of a round's staff before they set out (Art. 11(3))."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal, assert_never

from domain.kernel import Aggregate, Command, Content, Fact, Label, PersonId, RoundId, TrainingId
from domain.rulebook import rules


class HoldTraining(Command):
    """Put a training of a round's staff on record: what it was about, who attended. Article 11(3)."""

    round: RoundId
    subject: Content
    attendees: tuple[PersonId, ...]
    held_on: date


class TrainingHeld(Fact):
    """Staff of a round's teams were trained. Article 11(3)."""

    label: ClassVar[Label] = Label.PROCEDURE
    kind: Literal["training.held.v1"] = "training.held.v1"
    training: TrainingId
    round: RoundId
    subject: Content
    attendees: tuple[PersonId, ...]
    held_on: date


TrainingFact = TrainingHeld


@dataclass(frozen=True)
class Training:
    """That it is on record: no decision needs more."""

    round: str


def hold(state: Training | None, training: str, command: HoldTraining, *, staff: Collection[str]) -> list[TrainingFact]:
    """`staff`: those with a mandate of this round that was not over on that day."""
    if state is not None:
        return []
    rules.training_names_its_attendees.demand(command.attendees, path="attendees")
    rules.training_of_the_rounds_staff.demand(command.attendees, staff, path="attendees")
    return [
        TrainingHeld(
            training=training,
            round=command.round,
            subject=command.subject,
            attendees=command.attendees,
            held_on=command.held_on,
        )
    ]


def evolve(state: Training | None, fact: TrainingFact) -> Training:
    match fact:
        case TrainingHeld():
            return state or Training(fact.round)
        case _:
            assert_never(fact)


TRAININGS: Aggregate[Training] = Aggregate("training", evolve)
