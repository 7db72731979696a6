"""Persons: given what is known of one, when something is asked, then facts, a refusal, or nothing to do."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import reduce

import pytest

from domain.kernel import Refused, Secret, derived_id
from domain.people import (
    Appoint,
    Appointment,
    EndAppointment,
    LinkSignIn,
    Person,
    PersonAppointed,
    PersonAppointmentEnded,
    PersonAppointmentWithdrawn,
    PersonMandated,
    PersonRegistered,
    PersonSignInLinked,
    RegisterPerson,
    SignIn,
    SignInLinked,
    SignInUnlinked,
    UnlinkSignIn,
    WithdrawAppointment,
    appoint,
    end_appointment,
    evolve,
    evolve_sign_in,
    link,
    register,
    unlink,
    withdraw_appointment,
)
from domain.rulebook.posts import Post

WHO, OTHER = derived_id("person", "one"), derived_id("person", "two")
BODY, SIGN_IN = derived_id("body", "office"), derived_id("sign-in", "one")
APPOINTMENT, SECOND = derived_id("appointment", "one"), derived_id("appointment", "two")
FROM = date(2015, 9, 24)
DAY = timedelta(days=1)
NAME = Secret("张三")


def appointing(from_on: date = FROM, until_on: date | None = None) -> Appoint:
    return Appoint(person=WHO, body=BODY, post=Post.OFFICE_CLERK, from_on=from_on, until_on=until_on)


def ending(ended_on: date) -> EndAppointment:
    return EndAppointment(person=WHO, appointment=APPOINTMENT, ended_on=ended_on)


def held(until_on: date | None = None) -> Person:
    return Person(appointments=(Appointment(APPOINTMENT, BODY, Post.OFFICE_CLERK, FROM, until_on),))


def refusal(decide: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        decide()
    return no.value.rule.name, no.value.rule.article, no.value.path


def test_registering_a_person_records_the_sealed_name_and_the_home_body() -> None:
    """Articles 3 to 5."""
    facts = register(None, WHO, RegisterPerson(name=NAME, home_body=BODY))
    assert facts == [PersonRegistered(person=WHO, name=NAME, home_body=BODY)]
    assert evolve(None, facts[0]) == Person()


def test_a_known_person_is_not_registered_again() -> None:
    """Articles 3 to 5."""
    assert register(Person(), WHO, RegisterPerson(name=NAME)) == []


def test_a_free_sign_in_is_linked() -> None:
    """Article 4(5)."""
    facts = link(Person(), SIGN_IN, None, LinkSignIn(person=WHO, issuer="https://id", subject="s1"))
    assert facts == [PersonSignInLinked(person=WHO, sign_in=SIGN_IN)]
    assert evolve(Person(), facts[0]).sign_ins == (SIGN_IN,)


def test_a_sign_in_of_another_person_is_refused() -> None:
    """Article 4(5): one sign-in is one person."""
    command = LinkSignIn(person=WHO, issuer="https://id", subject="s1")
    assert refusal(lambda: link(Person(), SIGN_IN, OTHER, command)) == ("sign_in_of_one_person", "4(5)", "subject")


def test_a_sign_in_linked_already_is_left_alone() -> None:
    """Article 4(5)."""
    assert link(Person(), SIGN_IN, WHO, LinkSignIn(person=WHO, issuer="https://id", subject="s1")) == []


def test_a_sign_in_stays_with_whom_it_was_first() -> None:
    """Article 4(5): whatever a later entry says."""
    first = evolve_sign_in(None, SignInLinked(sign_in=SIGN_IN, person=WHO))
    assert evolve_sign_in(first, SignInLinked(sign_in=SIGN_IN, person=OTHER)) == SignIn(WHO)


def test_a_sign_in_that_was_unlinked_is_nobodys_and_can_be_linked_anew() -> None:
    """Article 4(5): but not by whoever uses it at that moment."""
    command = UnlinkSignIn(person=WHO, issuer="https://id", subject="s1", reason=Secret("x"))
    (fact,) = unlink(SIGN_IN, command, used_now=False)
    linked = evolve(Person(), PersonSignInLinked(person=WHO, sign_in=SIGN_IN))
    assert evolve(linked, fact).sign_ins == ()
    nobodys = evolve_sign_in(SignIn(WHO), SignInUnlinked(sign_in=SIGN_IN, person=WHO))
    assert nobodys == SignIn(None)
    assert evolve_sign_in(nobodys, SignInLinked(sign_in=SIGN_IN, person=OTHER)) == SignIn(OTHER)
    no = refusal(lambda: unlink(SIGN_IN, command, used_now=True))
    assert no == ("sign_in_unlinked_by_another", "4(5)", "subject")


def test_an_appointment_entered_by_mistake_was_never_held() -> None:
    """Article 3: on none of its days, not even the first, which an end leaves."""
    command = WithdrawAppointment(person=WHO, appointment=APPOINTMENT, reason=Secret("x"))
    (fact,) = withdraw_appointment(held().appointments[0], command)
    assert fact == PersonAppointmentWithdrawn(person=WHO, appointment=APPOINTMENT, body=BODY, reason=Secret("x"))
    assert held().held(FROM, [Post.OFFICE_CLERK])
    assert evolve(held(), fact).held(FROM, [Post.OFFICE_CLERK]) == []


def test_an_appointment_is_recorded_with_both_its_days() -> None:
    """Article 3."""
    facts = appoint(Person(), APPOINTMENT, appointing(until_on=FROM + 9 * DAY), belongs=True)
    assert facts == [
        PersonAppointed(
            person=WHO,
            appointment=APPOINTMENT,
            body=BODY,
            post=Post.OFFICE_CLERK,
            from_on=FROM,
            until_on=FROM + 9 * DAY,
        )
    ]
    assert evolve(None, facts[0]) == held(FROM + 9 * DAY)


def test_a_post_the_body_does_not_have_is_refused() -> None:
    """Article 3."""
    decided = refusal(lambda: appoint(Person(), APPOINTMENT, appointing(), belongs=False))
    assert decided == ("post_fits_the_body", "3", "post")


@pytest.mark.parametrize(("until_on", "allowed"), [(FROM - DAY, False), (FROM, True), (FROM + DAY, True)])
def test_an_appointment_ends_on_its_first_day_at_the_earliest(until_on: date, allowed: bool) -> None:
    """Article 3: in appointing and in ending."""
    rule = ("appointment_ends_after_it_begins", "3")
    if allowed:
        assert appoint(Person(), APPOINTMENT, appointing(until_on=until_on), belongs=True)
        assert end_appointment(held(), held().appointments[0], ending(until_on))
    else:
        made = refusal(lambda: appoint(Person(), APPOINTMENT, appointing(until_on=until_on), belongs=True))
        ended = refusal(lambda: end_appointment(held(), held().appointments[0], ending(until_on)))
        assert (made, ended) == ((*rule, "until_on"), (*rule, "ended_on"))


def test_the_same_appointment_is_not_recorded_twice_but_another_period_is() -> None:
    """Article 3."""
    assert appoint(held(), SECOND, appointing(), belongs=True) == []
    assert appoint(held(), SECOND, appointing(from_on=FROM + DAY), belongs=True)


@pytest.mark.parametrize(
    ("until_on", "recorded"), [(None, True), (FROM + 2 * DAY, True), (FROM + DAY, False), (FROM, False)]
)
def test_an_end_shortens_an_appointment_and_never_prolongs_it(until_on: date | None, recorded: bool) -> None:
    """Article 3: a post held until the day itself, or not so long, leaves nothing to do."""
    facts = end_appointment(held(until_on), held(until_on).appointments[0], ending(FROM + DAY))
    assert facts == (
        [PersonAppointmentEnded(person=WHO, appointment=APPOINTMENT, ended_on=FROM + DAY, body=BODY)]
        if recorded
        else []
    )
    assert reduce(evolve, facts, held(until_on)).appointments[0].until_on in (FROM, FROM + DAY)


@pytest.mark.parametrize(
    ("day", "holds"),
    [(FROM - DAY, False), (FROM, True), (FROM + DAY, True), (FROM + 2 * DAY, True), (FROM + 3 * DAY, False)],
)
def test_a_post_is_held_from_its_first_to_its_last_day(day: date, holds: bool) -> None:
    """Article 3: both days included; only the posts asked for."""
    person = held(FROM + 2 * DAY)
    assert bool(person.held(day, (Post.OFFICE_CLERK,))) is holds
    assert person.held(day, (Post.GROUP_HEAD,)) == []


def test_a_mandate_given_is_remembered_with_its_round() -> None:
    """Article 5."""
    round_, mandate = derived_id("round", "one"), derived_id("mandate", "one")
    given = evolve(held(), PersonMandated(person=WHO, round=round_, mandate=mandate))
    assert given.mandates == ((round_, mandate),)
