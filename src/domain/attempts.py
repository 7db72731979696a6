"""Refused and idle attempts, in the stream of whoever made them: never the text (Art. 24(4), 25)."""

from typing import ClassVar, Literal, assert_never

from domain.kernel import Aggregate, Fact, Label, PersonId


class AttemptRefused(Fact):
    """Somebody asked for what was not allowed: which command, about what, and the rule that said no.

    `hidden` is 1 where the answer did not name the rule, because the thing is outside the person's view.
    """

    label: ClassVar[Label] = Label.ATTEMPT
    kind: Literal["attempt.refused.v1"] = "attempt.refused.v1"
    person: PersonId
    command: str
    target: str | None = None
    code: str
    rule: str | None = None
    article: str | None = None
    path: str | None = None
    hidden: Literal[0, 1] = 0


class AttemptIdle(Fact):
    """A command found nothing left to do."""

    label: ClassVar[Label] = Label.ATTEMPT
    kind: Literal["attempt.idle.v1"] = "attempt.idle.v1"
    person: PersonId
    command: str
    target: str | None = None


AttemptFact = AttemptRefused | AttemptIdle


def evolve(state: int | None, fact: AttemptFact) -> int:
    match fact:
        case AttemptRefused() | AttemptIdle():
            return (state or 0) + 1
        case _:
            assert_never(fact)


ATTEMPTS: Aggregate[int] = Aggregate("attempts", evolve)


def attempts_of(person: str) -> str:
    """The stream of a person's attempts."""
    return "attempts:" + person.partition(":")[2]
