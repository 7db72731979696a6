"""Bodies: those that run inspections, the units inspected (Art. 8), the organs that receive (Art. 17)."""

from dataclasses import dataclass
from typing import ClassVar, Literal, assert_never

from domain.kernel import Aggregate, BodyId, Code, Command, Content, Fact, Label
from domain.rulebook import rules
from domain.rulebook.posts import Standing


class RegisterBody(Command):
    """Enter a body in the registry. Articles 3, 4, 8, 17.

    `category` makes it a unit that can be inspected (Art. 8), `organ_class` a receiver of transfers (Art. 17); a body
    may be both. The three bodies that run inspections are there from the ledger's opening, once each.
    """

    name: Content
    category: Code | None = None
    organ_class: Code | None = None
    decision: Content | None = None


class BodyRegistered(Fact):
    """A body is in the registry. Articles 3, 4, 8, 17."""

    label: ClassVar[Label] = Label.DIRECTORY
    kind: Literal["body.registered.v1"] = "body.registered.v1"
    body: BodyId
    name: Content
    standing: Standing | None = None
    category: Code | None = None
    organ_class: Code | None = None
    decision: Content | None = None


BodyFact = BodyRegistered


@dataclass(frozen=True)
class Body:
    """What decisions need of a body."""

    standing: Standing | None
    category: str | None
    organ_class: str | None


def register(state: Body | None, body: str, command: RegisterBody) -> list[BodyFact]:
    if state is not None:
        return []
    if command.category is not None or command.organ_class is None:
        rules.unit_within_scope.demand(
            command.category, command.decision is not None, path="decision" if command.category else "category"
        )
    return [
        BodyRegistered(
            body=body,
            name=command.name,
            category=command.category,
            organ_class=command.organ_class,
            decision=command.decision,
        )
    ]


def evolve(state: Body | None, fact: BodyFact) -> Body:
    match fact:
        case BodyRegistered():
            return Body(fact.standing, fact.category, fact.organ_class)
        case _:
            assert_never(fact)


BODIES: Aggregate[Body] = Aggregate("body", evolve)
