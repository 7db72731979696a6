"""Persons, how they sign in, the posts they hold and the mandates they were given (Art. 3, 4, 5)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, ClassVar, Literal, assert_never

from pydantic import StringConstraints

from domain.kernel import (
    Aggregate,
    AppointmentId,
    BodyId,
    Command,
    Content,
    Fact,
    Label,
    MandateId,
    PersonId,
    RoundId,
    SignInId,
)
from domain.rulebook import rules
from domain.rulebook.posts import Post

SignInName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


# --- commands --------------------------------------------------------------------------------------------------


class RegisterPerson(Command):
    """Enter a person; the name is sealed and facts hold the id only. Articles 3 to 5."""

    name: Content
    home_body: BodyId | None = None


class LinkSignIn(Command):
    """Let a sign-in of the identity provider act as a person. Article 4(5).

    `issuer` and `subject` are the token's `iss` and `sub`; the ledger keeps a keyed digest of them only.
    """

    person: PersonId
    issuer: SignInName
    subject: SignInName


class UnlinkSignIn(Command):
    """From now on a sign-in acts as nobody: it was linked to the wrong person, or got into the wrong hands.
    Article 4(5). It can be linked anew."""

    person: PersonId
    issuer: SignInName
    subject: SignInName
    reason: Content


class Appoint(Command):
    """Put an appointment on record: who holds which post in which body, from and until when. Article 3."""

    person: PersonId
    body: BodyId
    post: Post
    from_on: date
    until_on: date | None = None


class EndAppointment(Command):
    """Put the end of an appointment on record; `ended_on` is its last day. Article 3."""

    person: PersonId
    appointment: AppointmentId
    ended_on: date


class WithdrawAppointment(Command):
    """Put on record that an appointment was entered by mistake: the post was never held. Article 3.

    What was done under it stays on record. A post that was held is ended instead, by `EndAppointment`.
    """

    person: PersonId
    appointment: AppointmentId
    reason: Content


# --- facts -----------------------------------------------------------------------------------------------------


class PersonRegistered(Fact):
    """A person is known. Articles 3 to 5."""

    label: ClassVar[Label] = Label.DIRECTORY
    kind: Literal["person.registered.v1"] = "person.registered.v1"
    person: PersonId
    name: Content
    home_body: BodyId | None = None


class PersonSignInLinked(Fact):
    """A sign-in acts as this person from here on. Article 4(5)."""

    label: ClassVar[Label] = Label.DIRECTORY
    kind: Literal["person.sign-in-linked.v1"] = "person.sign-in-linked.v1"
    person: PersonId
    sign_in: SignInId


class PersonSignInUnlinked(Fact):
    """A sign-in acts as this person no more. Article 4(5)."""

    label: ClassVar[Label] = Label.DIRECTORY
    kind: Literal["person.sign-in-unlinked.v1"] = "person.sign-in-unlinked.v1"
    person: PersonId
    sign_in: SignInId
    reason: Content


class PersonAppointed(Fact):
    """A person holds a post in a body, both days included. Article 3."""

    label: ClassVar[Label] = Label.DIRECTORY
    kind: Literal["person.appointed.v1"] = "person.appointed.v1"
    person: PersonId
    appointment: AppointmentId
    body: BodyId
    post: Post
    from_on: date
    until_on: date | None = None


class PersonAppointmentEnded(Fact):
    """An appointment ends; `ended_on` is its last day. Article 3.

    `body` is where it was held, so that who follows a body's posts hears of it.
    """

    label: ClassVar[Label] = Label.DIRECTORY
    kind: Literal["person.appointment-ended.v1"] = "person.appointment-ended.v1"
    person: PersonId
    appointment: AppointmentId
    ended_on: date
    body: BodyId | None = None


class PersonAppointmentWithdrawn(Fact):
    """An appointment was entered by mistake; the post was never held. Article 3.

    `body` is where it was said to be held, so that who follows a body's posts hears of it.
    """

    label: ClassVar[Label] = Label.DIRECTORY
    kind: Literal["person.appointment-withdrawn.v1"] = "person.appointment-withdrawn.v1"
    person: PersonId
    appointment: AppointmentId
    body: BodyId
    reason: Content


class PersonMandated(Fact):
    """A mandate of a round names this person; its terms stand in the round. Article 5."""

    label: ClassVar[Label] = Label.DIRECTORY
    kind: Literal["person.mandated.v1"] = "person.mandated.v1"
    person: PersonId
    round: RoundId
    mandate: MandateId


class SignInLinked(Fact):
    """This sign-in is that person. Article 4(5)."""

    label: ClassVar[Label] = Label.DIRECTORY
    kind: Literal["sign-in.linked.v1"] = "sign-in.linked.v1"
    sign_in: SignInId
    person: PersonId


class SignInUnlinked(Fact):
    """This sign-in is nobody. Article 4(5)."""

    label: ClassVar[Label] = Label.DIRECTORY
    kind: Literal["sign-in.unlinked.v1"] = "sign-in.unlinked.v1"
    sign_in: SignInId
    person: PersonId


PersonFact = (
    PersonRegistered
    | PersonSignInLinked
    | PersonSignInUnlinked
    | PersonAppointed
    | PersonAppointmentEnded
    | PersonAppointmentWithdrawn
    | PersonMandated
)
SignInFact = SignInLinked | SignInUnlinked


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Appointment:
    """A post held from one day to another, both included."""

    id: str
    body: str
    post: Post
    from_on: date
    until_on: date | None

    def held_on(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True)
class SignIn:
    """Whom a sign-in acts as; nobody once it was unlinked."""

    person: str | None


@dataclass(frozen=True)
class Person:
    """What decisions need of a person."""

    appointments: tuple[Appointment, ...] = ()
    mandates: tuple[tuple[str, str], ...] = ()
    """(round, mandate), in the order given."""
    sign_ins: tuple[str, ...] = ()

    def held(self, day: date, posts: Iterable[Post]) -> list[Appointment]:
        """The appointments to one of these posts held on a day, in the order they were recorded."""
        wanted = set(posts)
        return [a for a in self.appointments if a.post in wanted and a.held_on(day)]

    def held_within(self, first: date, last: date, posts: Iterable[Post]) -> list[Appointment]:
        """The appointments to one of these posts held on some day of a period, both days included."""
        wanted = set(posts)
        return [
            a
            for a in self.appointments
            if a.post in wanted and a.from_on <= last and (a.until_on is None or first <= a.until_on)
        ]


# --- decisions -------------------------------------------------------------------------------------------------


def register(state: Person | None, person: str, command: RegisterPerson) -> list[PersonFact]:
    if state is not None:
        return []
    return [PersonRegistered(person=person, name=command.name, home_body=command.home_body)]


def link(state: Person, sign_in: str, linked_to: str | None, command: LinkSignIn) -> list[PersonFact]:
    """Raises Refused when the sign-in acts as another person: one sign-in is one person, until it is unlinked."""
    if linked_to == command.person:
        return []
    rules.sign_in_of_one_person.demand(linked_to is None, path="subject")
    return [PersonSignInLinked(person=command.person, sign_in=sign_in)]


def unlink(sign_in: str, command: UnlinkSignIn, *, used_now: bool) -> list[PersonFact]:
    """Raises Refused for the sign-in that asks for it: whoever is left could let nobody in."""
    rules.sign_in_unlinked_by_another.demand(not used_now, path="subject")
    return [PersonSignInUnlinked(person=command.person, sign_in=sign_in, reason=command.reason)]


def appoint(state: Person, appointment: str, command: Appoint, *, belongs: bool) -> list[PersonFact]:
    rules.post_fits_the_body.demand(belongs, path="post")
    rules.appointment_ends_after_it_begins.demand(command.from_on, command.until_on, path="until_on")
    if any(
        (a.body, a.post, a.from_on, a.until_on) == (command.body, command.post, command.from_on, command.until_on)
        for a in state.appointments
    ):
        return []
    return [
        PersonAppointed(
            person=command.person,
            appointment=appointment,
            body=command.body,
            post=command.post,
            from_on=command.from_on,
            until_on=command.until_on,
        )
    ]


def end_appointment(state: Person, appointment: Appointment, command: EndAppointment) -> list[PersonFact]:
    """An end never prolongs: whoever stays on is appointed again."""
    rules.appointment_ends_after_it_begins.demand(appointment.from_on, command.ended_on, path="ended_on")
    if appointment.until_on is not None and appointment.until_on <= command.ended_on:
        return []
    return [
        PersonAppointmentEnded(
            person=command.person,
            appointment=command.appointment,
            ended_on=command.ended_on,
            body=appointment.body,
        )
    ]


def withdraw_appointment(appointment: Appointment, command: WithdrawAppointment) -> list[PersonFact]:
    return [
        PersonAppointmentWithdrawn(
            person=command.person, appointment=command.appointment, body=appointment.body, reason=command.reason
        )
    ]


def evolve(state: Person | None, fact: PersonFact) -> Person:
    state = state or Person()
    match fact:
        case PersonRegistered():
            return state
        case PersonSignInLinked():
            return replace(state, sign_ins=(*state.sign_ins, fact.sign_in))
        case PersonAppointed():
            made = Appointment(fact.appointment, fact.body, fact.post, fact.from_on, fact.until_on)
            return replace(state, appointments=(*state.appointments, made))
        case PersonAppointmentEnded():
            return replace(
                state,
                appointments=tuple(
                    replace(a, until_on=fact.ended_on) if a.id == fact.appointment else a for a in state.appointments
                ),
            )
        case PersonSignInUnlinked():
            return replace(state, sign_ins=tuple(s for s in state.sign_ins if s != fact.sign_in))
        case PersonAppointmentWithdrawn():
            return replace(state, appointments=tuple(a for a in state.appointments if a.id != fact.appointment))
        case PersonMandated():
            return replace(state, mandates=(*state.mandates, (fact.round, fact.mandate)))
        case _:
            assert_never(fact)


def evolve_sign_in(state: SignIn | None, fact: SignInFact) -> SignIn:
    match fact:
        case SignInLinked():
            return state if state and state.person else SignIn(fact.person)
        case SignInUnlinked():
            return SignIn(None)
        case _:
            assert_never(fact)


PEOPLE: Aggregate[Person] = Aggregate("person", evolve)
SIGN_INS: Aggregate[SignIn] = Aggregate("sign-in", evolve_sign_in)
