"""Bodies: those that run inspections, the units inspected (Art. 8), the organs that receive (Art. 17)."""

from dataclasses import dataclass, replace
from datetime import date
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


class RenameBody(Command):
    """Enter a body's new name; what was recorded under the old one stays. Article 8."""

    body: BodyId
    name: Content
    renamed_on: date
    decision: Content


class RecordSuccession(Command):
    """Enter that a body ceased to be: it was merged into another, or divided into several. Articles 8, 17.

    A body that goes on keeps what it owes, whatever was split off it: there is nothing to enter.
    From `succeeded_on` on whoever holds a post in the successor does what this body owes and sees what concerns it;
    history stays as it is. A body may have several successors.
    """

    body: BodyId
    successor: BodyId
    succeeded_on: date
    decision: Content


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


class BodyRenamed(Fact):
    """A body has another name from a day on. Article 8."""

    label: ClassVar[Label] = Label.DIRECTORY
    kind: Literal["body.renamed.v1"] = "body.renamed.v1"
    body: BodyId
    name: Content
    renamed_on: date
    decision: Content


class BodySucceeded(Fact):
    """Another body does what this one owes, from a day on. Articles 8, 17."""

    label: ClassVar[Label] = Label.DIRECTORY
    kind: Literal["body.succeeded.v1"] = "body.succeeded.v1"
    body: BodyId
    successor: BodyId
    succeeded_on: date
    decision: Content


class BodyDutiesReceived(Fact):
    """This body does what another one owed, from a day on: the other half of `body.succeeded`. Articles 8, 17."""

    label: ClassVar[Label] = Label.DIRECTORY
    kind: Literal["body.duties-received.v1"] = "body.duties-received.v1"
    body: BodyId
    predecessor: BodyId
    received_on: date


BodyFact = BodyRegistered | BodyRenamed | BodySucceeded | BodyDutiesReceived


@dataclass(frozen=True)
class Body:
    """What decisions need of a body."""

    standing: Standing | None
    category: str | None
    organ_class: str | None
    successors: tuple[tuple[str, date], ...] = ()
    predecessors: tuple[tuple[str, date], ...] = ()
    """(body, the day from which on)."""

    def succeeded_by(self, day: date) -> tuple[str, ...]:
        return tuple(body for body, on in self.successors if on <= day)

    def succeeds_by(self, day: date) -> tuple[str, ...]:
        return tuple(body for body, on in self.predecessors if on <= day)


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


def rename(command: RenameBody) -> list[BodyFact]:
    return [BodyRenamed(body=command.body, name=command.name, renamed_on=command.renamed_on, decision=command.decision)]


def succeed(state: Body, command: RecordSuccession, *, successor: Body, follows: bool) -> list[BodyFact]:
    """`follows`: the body itself comes after the successor, so that the two would succeed each other."""
    rules.succession_leads_forward.demand(command.successor != command.body and not follows, path="successor")
    rules.successor_of_the_same_kind.demand(
        state.standing is None
        and (state.category is None or successor.category is not None)
        and (state.organ_class is None or state.organ_class == successor.organ_class),
        path="successor",
    )
    if (command.successor, command.succeeded_on) in state.successors:
        return []
    rules.succeeded_once.demand(command.successor in {body for body, _ in state.successors}, path="successor")
    return [
        BodySucceeded(
            body=command.body,
            successor=command.successor,
            succeeded_on=command.succeeded_on,
            decision=command.decision,
        )
    ]


def receive_duties(command: RecordSuccession) -> list[BodyFact]:
    """What the successor's own stream says of a succession."""
    return [BodyDutiesReceived(body=command.successor, predecessor=command.body, received_on=command.succeeded_on)]


def evolve(state: Body | None, fact: BodyFact) -> Body:
    if isinstance(fact, BodyRegistered):
        return Body(fact.standing, fact.category, fact.organ_class)
    assert state is not None  # noqa: S101  a body's stream begins with its registration
    match fact:
        case BodyRenamed():
            return state
        case BodySucceeded():
            return replace(state, successors=(*state.successors, (fact.successor, fact.succeeded_on)))
        case BodyDutiesReceived():
            return replace(state, predecessors=(*state.predecessors, (fact.predecessor, fact.received_on)))
        case _:
            assert_never(fact)


BODIES: Aggregate[Body] = Aggregate("body", evolve)
