"""Refused and idle attempts, in the stream of whoever made them: never the text (Art. 24(4), 25)."""

from typing import Annotated, ClassVar, Literal, assert_never

from pydantic import StringConstraints

from domain.kernel import Aggregate, AnyId, ArticleRef, Code, Fact, Label, PersonId

CommandName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z]{1,59}$")]
FieldPath = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,119}$")]
"""The field of a command a rule speaks of, such as `units.0.form`."""


class AttemptRefused(Fact):
    """Somebody asked for what was not allowed: which command, about what, which rule said no. Articles 24(4), 25.

    `hidden` is 1 where the answer did not name the rule, because the thing is outside the person's view.
    """

    label: ClassVar[Label] = Label.ATTEMPT
    kind: Literal["attempt.refused.v1"] = "attempt.refused.v1"
    person: PersonId
    command: CommandName
    target: AnyId | None = None
    code: Literal["REFUSED", "NOT_FOUND", "CONFLICT", "ILL_FORMED"]
    rule: Code | None = None
    article: ArticleRef | None = None
    path: FieldPath | None = None
    hidden: Literal[0, 1] = 0


class AttemptIdle(Fact):
    """A command found nothing left to do. Article 24(4)."""

    label: ClassVar[Label] = Label.ATTEMPT
    kind: Literal["attempt.idle.v1"] = "attempt.idle.v1"
    person: PersonId
    command: CommandName
    target: AnyId | None = None


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
