"""Posts the regulation gives a part to, the bodies they belong to, and the powers of a mandate (Art. 3 to 5)."""

from datetime import date
from enum import StrEnum

from domain.rulebook import editions


class Standing(StrEnum):
    """A body with a part of its own in every round. Articles 3, 4, 5."""

    PARTY_COMMITTEE = "party_committee"
    LEADING_GROUP = "leading_group"
    OFFICE = "office"


class Post(StrEnum):
    """A post with a part in inspection work. Articles 3, 4, 8, 17, 18."""

    PARTY_SECRETARY = "party_secretary"
    CITY_LEADER = "city_leader"
    GROUP_HEAD = "group_head"
    GROUP_DEPUTY_HEAD = "group_deputy_head"
    GROUP_MEMBER = "group_member"
    OFFICE_DIRECTOR = "office_director"
    OFFICE_DEPUTY_DIRECTOR = "office_deputy_director"
    OFFICE_CLERK = "office_clerk"
    UNIT_HEAD = "unit_head"
    UNIT_LEADER = "unit_leader"
    UNIT_CONTACT = "unit_contact"
    ORGAN_HEAD = "organ_head"
    ORGAN_CONTACT = "organ_contact"


PARTY_POSTS = (Post.PARTY_SECRETARY, Post.CITY_LEADER)
OFFICE_POSTS = (Post.OFFICE_DIRECTOR, Post.OFFICE_DEPUTY_DIRECTOR, Post.OFFICE_CLERK)
GROUP_HEADS = (Post.GROUP_HEAD, Post.GROUP_DEPUTY_HEAD)
GROUP_POSTS = (*GROUP_HEADS, Post.GROUP_MEMBER)
LEADERSHIP_POSTS = (Post.UNIT_HEAD, Post.UNIT_LEADER)
"""The leadership body of a unit: its head and the other members. Article 8."""
UNIT_POSTS = (*LEADERSHIP_POSTS, Post.UNIT_CONTACT)
ORGAN_POSTS = (Post.ORGAN_HEAD, Post.ORGAN_CONTACT)
DIRECT_REPORT_POSTS = (*GROUP_HEADS, Post.PARTY_SECRETARY)
"""Whom a leader may report to past the office. Article 14."""
DECIDERS = {
    Standing.PARTY_COMMITTEE: (Post.PARTY_SECRETARY,),
    Standing.LEADING_GROUP: GROUP_HEADS,
    Standing.OFFICE: (Post.OFFICE_DIRECTOR, Post.OFFICE_DEPUTY_DIRECTOR),
}
"""Who speaks for a body where the edition names it as the one that decides."""


def post_belongs(post: Post, standing: Standing | None, category: str | None, organ_class: str | None) -> bool:
    """Whether a body of this kind has such a post. Articles 3, 4, 8, 17, 18."""
    return (
        (post in OFFICE_POSTS and standing is Standing.OFFICE)
        or (post in PARTY_POSTS and standing is Standing.PARTY_COMMITTEE)
        or (post in GROUP_POSTS and standing is Standing.LEADING_GROUP)
        or (post in UNIT_POSTS and category is not None)
        or (post in ORGAN_POSTS and organ_class is not None)
    )


class Duty(StrEnum):
    """A fixed duty in a team. Articles 5, 6, 13."""

    LEADER = "leader"
    DEPUTY_LEADER = "deputy_leader"
    REGISTRAR = "registrar"
    MEMBER = "member"


NEEDED_DUTIES = (Duty.LEADER, Duty.REGISTRAR)
"""Duties of which a team has one, and without whom its work stands still: whoever is off a unit is replaced there.
Articles 5, 13, 23 (c)."""


class Power(StrEnum):
    """A kind of power a mandate gives. Article 5 (c). Its period and the articles it covers stand in the edition."""

    PREPARATION = "preparation"
    ON_SITE = "on_site"
    CLOSING = "closing"
    SUPERVISION = "supervision"


def power_lives(
    power: editions.Power,
    day: date,
    entered_on: date | None,
    ended_on: date | None,
    *,
    feedback_on: date | None = None,
    handed_over_on: date | None = None,
) -> bool:
    """Whether a power granted for a unit is in its period there on a day; both end days included. Article 5 (c).

    What has not happened yet has neither begun nor ended anything.
    """
    begun = {"mandate_granted": date.min, "entry": entered_on, "inspection_ended": ended_on}[power.begins]
    ended = {
        "entry": entered_on,
        "inspection_ended": ended_on,
        "feedback_given": feedback_on,
        "file_handed_over": handed_over_on,
    }
    ends = [ended.get(e) for e in power.ends]
    over = bool(ends) and all(e is not None for e in ends) and day > max(e for e in ends if e is not None)
    return begun is not None and begun <= day and not over
