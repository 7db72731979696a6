"""Bad input, over every verb of every audience: what is refused, how, and that nothing is told or half done.

The conventions of promises.md: refusals are 200 with a code, malformed requests 400, and what is hidden answers byte
for byte like what is not there.
"""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple, get_args, get_origin
from uuid import uuid4

import pytest
from pydantic import BaseModel

from api.app import LARGEST_BODY, SCHEMAS
from api.graph import ALIASES, DEPTH, TOKENS, _without_values
from api.shapes import camel
from domain.kernel import Command, day_of
from domain.recusals import recusal_of

DIRECTOR = "office-director"
NOBODY = "nobody-in-particular"
LONGEST = 20_000
FUTURE = "2099-01-01"


class Example(NamedTuple):
    """A command that could be sent: by whom, and with what; values beginning with @ are ids of the city."""

    subject: str
    given: dict[str, Any]
    acted_on: str | None = None
    paper: str | None = None


DAY = "@day"
EXAMPLES: dict[tuple[str, str], Example] = {
    ("office", "registerBody"): Example(DIRECTOR, {"name": "x", "category": "town_or_street", "decision": "x"}),
    ("office", "renameBody"): Example(
        DIRECTOR, {"body": "@bureau", "name": "x", "renamedOn": DAY, "decision": "x"}
    ),
    ("office", "recordSuccession"): Example(
        DIRECTOR,
        {"body": "@town", "successor": "@bureau", "succeededOn": DAY, "decision": "x"},
    ),
    ("office", "registerPerson"): Example(DIRECTOR, {"name": "x", "homeBody": "@town"}),
    ("office", "linkSignIn"): Example(DIRECTOR, {"person": "@team-member", "issuer": "x", "subject": "y"}),
    ("office", "appoint"): Example(
        DIRECTOR, {"person": "@team-member", "body": "@town", "post": "unit_head", "fromOn": DAY, "untilOn": FUTURE}
    ),
    ("office", "endAppointment"): Example(
        DIRECTOR, {"person": "@town-head", "appointment": "@town-head/post", "endedOn": FUTURE}
    ),
    ("office", "unlinkSignIn"): Example(
        DIRECTOR, {"person": "@team-member", "issuer": "x", "subject": "y", "reason": "x"}
    ),
    ("office", "withdrawAppointment"): Example(
        DIRECTOR, {"person": "@town-head", "appointment": "@town-head/post", "reason": "x"}
    ),
    ("office", "openRound"): Example(DIRECTOR, {"year": 2030, "number": 9, "title": "x"}),
    ("office", "submitPlan"): Example(
        DIRECTOR,
        {"round": "@round", "tasks": "x", "units": [{"unit": "@town"}], "fromOn": DAY, "untilOn": FUTURE,
         "inspectedFrom": DAY, "inspectedUntil": FUTURE, "submittedOn": DAY},
        "submittedOn",
    ),
    ("office", "proposeDisposal"): Example(
        DIRECTOR,
        {"item": "@clue", "paper": "x", "disposalClass": "cadre_discipline", "organ": "@discipline", "reason": "x",
         "proposedOn": DAY},
        "proposedOn",
    ),
    ("office", "hearTeam"): Example(
        DIRECTOR,
        {"inspection": "@town/inspection", "attendees": ["@team-leader"], "account": "x", "heardOn": DAY},
        "heardOn",
    ),
    ("office", "transferItem"): Example(
        DIRECTOR,
        {"item": "@clue", "recipients": ["@discipline-contact"], "material": "x", "transferredOn": DAY},
        "transferredOn",
    ),
    ("office", "holdTraining"): Example(
        DIRECTOR, {"round": "@round", "subject": "x", "attendees": ["@team-member"], "heldOn": DAY}, "heldOn"
    ),
    ("office", "deliver"): Example(
        DIRECTOR,
        {"round": "@round", "occasion": "information_to_team", "team": "@town/team", "recipients": ["@team-member"],
         "content": "x", "deliveredOn": DAY},
        "deliveredOn",
    ),
    ("office", "recordService"): Example(
        DIRECTOR, {"delivery": "@told", "recordedOn": DAY, "reason": "x"}, "recordedOn"
    ),
    ("office", "recordNoticeService"): Example(
        DIRECTOR, {"inspection": "@town/inspection", "recordedOn": DAY, "reason": "x"}, "recordedOn"
    ),
    ("office", "recordTransferService"): Example(
        DIRECTOR, {"transfer": "@transfer", "account": "x", "recordedOn": DAY}, "recordedOn"
    ),
    ("office", "correctDay"): Example(
        DIRECTOR,
        {"matter": "@town/inspection", "dayOf": "entered", "day": DAY, "reason": "x", "paper": {"reference": "x"},
         "correctedOn": DAY},
        "correctedOn",
    ),
    ("office", "urgeAnswer"): Example(DIRECTOR, {"transfer": "@transfer", "note": "x", "urgedOn": DAY}, "urgedOn"),
    ("office", "decideEarlyTransfer"): Example(
        DIRECTOR, {"clue": "@early", "approved": False, "reason": "x", "decidedOn": DAY}, "decidedOn"
    ),
    ("leading-group", "approvePlan"): Example(
        "group-head", {"round": "@round", "approvedOn": DAY, "decision": "x"}, "approvedOn", "group-head"
    ),
    ("leading-group", "returnPlan"): Example(
        "group-head", {"round": "@round", "returnedOn": DAY, "reason": "x"}, "returnedOn", "group-head"
    ),
    ("leading-group", "formTeam"): Example(
        "group-head", {"round": "@round", "name": "x", "units": ["@town"], "decidedOn": DAY}, "decidedOn", "group-head"
    ),
    ("leading-group", "grantMandate"): Example(
        "group-head",
        {"round": "@round", "team": "@town/team", "person": "@team-member", "duty": "member", "units": ["@town"],
         "fromOn": DAY, "untilOn": FUTURE, "decidedOn": DAY, "matters": "x", "homeBody": "@town", "reason": "x",
         "afterRecusal": "@recusal"},
        "decidedOn",
        "group-head",
    ),
    ("leading-group", "endMandate"): Example(
        "group-head",
        {"round": "@round", "mandate": "@team-member/mandate", "endedOn": FUTURE, "reason": "x"},
        None,
        "group-head",
    ),
    ("office", "decideRecusal"): Example(
        DIRECTOR, {"recusal": "@recusal", "outcome": "not_upheld", "reason": "x", "decidedOn": DAY}, "decidedOn"
    ),
    ("leading-group", "decideDisposal"): Example(
        "group-head",
        {"item": "@clue", "disposalClass": "cadre_discipline", "organ": "@discipline", "conclusion": "x",
         "decidedOn": DAY},
        "decidedOn",
        "group-head",
    ),
    ("leading-group", "nameToKnow"): Example(
        "group-head", {"clue": "@direct", "persons": ["@group-deputy"], "namedOn": DAY}, "namedOn"
    ),
    ("leading-group", "releaseClue"): Example(
        "group-head", {"clue": "@direct", "instruction": "x", "releasedOn": DAY}, "releasedOn"
    ),
    ("team", "declareRecusal"): Example(
        "team-undeclared",
        {"inspection": "@town/inspection", "grounds": ["near_relative"], "statement": "x", "declaredOn": DAY},
        "declaredOn",
        "team-undeclared",
    ),
    ("team", "requestRecusal"): Example(
        "team-member",
        {"inspection": "@town/inspection", "person": "@team-registrar", "grounds": ["other"], "reason": "x",
         "statement": "x", "requestedOn": DAY},
        "requestedOn",
        "team-member",
    ),
    ("unit", "requestRecusal"): Example(
        "town-head",
        {"inspection": "@town/inspection", "person": "@team-registrar", "grounds": ["other"], "reason": "x",
         "statement": "x", "requestedOn": DAY},
        "requestedOn",
    ),
    ("team", "answerRecusalRequest"): Example(
        "team-undeclared",
        {"recusal": "@asked recusal", "answer": "x", "answeredOn": DAY},
        "answeredOn",
        "team-undeclared",
    ),
    ("team", "serveNotice"): Example(
        "team-leader",
        {"inspection": "@town/inspection", "talkedOn": DAY, "servedOn": DAY, "recipients": ["@town-head"],
         "content": "x", "fromOn": DAY, "untilOn": FUTURE},
        "servedOn",
        "team-leader",
    ),
    ("team", "publishAnnouncement"): Example(
        "team-leader",
        {"inspection": "@town/inspection", "text": "x", "telephone": "x", "mailbox": "x",
         "opensAt": "2026-01-05T09:00:00+08:00", "closesAt": "2026-02-05T17:30:00+08:00", "publishedOn": DAY},
        "publishedOn",
        "team-leader",
    ),
    ("team", "fileTeamPlan"): Example(
        "team-leader",
        {"team": "@town/team", "entries": [{"inspection": "@town/inspection", "entryOn": FUTURE}], "priorities": "x",
         "division": "x", "filedOn": DAY},
        "filedOn",
        "team-leader",
    ),
    ("team", "deliver"): Example(
        "team-leader",
        {"occasion": "inquiry_to_organ", "team": "@town/team", "body": "@discipline",
         "recipients": ["@discipline-contact"], "content": "x", "deliveredOn": DAY},
        "deliveredOn",
    ),
    ("team", "acknowledgeDelivery"): Example(
        "team-member", {"delivery": "@told", "receivedOn": DAY}, "receivedOn", "team-member"
    ),
    ("team", "enterUnit"): Example(
        "team-leader", {"inspection": "@town/inspection", "enteredOn": DAY}, "enteredOn", "team-leader"
    ),
    ("team", "endInspection"): Example(
        "team-leader", {"inspection": "@town/inspection", "endedOn": DAY}, "endedOn", "team-leader"
    ),
    ("team", "registerPetition"): Example(
        "team-registrar",
        {"inspection": "@town/inspection", "receivedOn": DAY, "channel": "letter", "content": "x", "summary": "x",
         "petitioner": {"name": "x", "contact": "x"}},
        paper="team-registrar",
    ),
    ("team", "instructPetition"): Example(
        "team-leader",
        {"petition": "@petition", "instruction": "x", "handler": "@team-member", "instructedOn": DAY},
        "instructedOn",
        "team-leader",
    ),
    ("team", "handlePetition"): Example(
        "team-member",
        {"petition": "@petition", "way": "answered", "account": "x", "handledOn": DAY},
        "handledOn",
        "team-member",
    ),
    ("team", "registerClue"): Example(
        "team-member",
        {"inspection": "@town/inspection", "petitions": ["@petition"], "category": "organisational_discipline",
         "managed": "city", "firstKnownOn": DAY, "registeredOn": DAY, "text": "x", "summary": "x"},
        "registeredOn",
        "team-member",
    ),
    ("team", "reportClue"): Example(
        "team-leader", {"clue": "@clue", "reportedOn": DAY, "report": "x"}, "reportedOn", "team-leader"
    ),
    ("team", "saveDraft"): Example(
        "team-leader",
        {"inspection": "@town/inspection", "overview": "x", "noProblems": "x", "clues": ["@clue"],
         "problems": [{"category": "organisational_discipline", "text": "x", "sources": ["@petition"]}],
         "materials": [{"title": "x", "content": "x"}], "savedOn": DAY},
        "savedOn",
        "team-leader",
    ),
    ("team", "omitRestrictedClue"): Example(
        "team-leader", {"clue": "@clue", "reason": "x", "omittedOn": DAY}, "omittedOn"
    ),
    ("team", "signReport"): Example(
        "team-leader", {"inspection": "@town/inspection", "draft": 1, "signedOn": DAY}, "signedOn", "team-leader"
    ),
    ("team", "submitReport"): Example(
        "team-leader",
        {"inspection": "@town/inspection", "recipients": ["@office-clerk"], "submittedOn": DAY},
        "submittedOn",
        "team-leader",
    ),
    ("team", "supplementReport"): Example(
        "team-leader",
        {"inspection": "@town/inspection", "reason": "x", "text": "x", "recipients": ["@office-clerk"],
         "supplementedOn": DAY},
        "supplementedOn",
        "team-leader",
    ),
    ("team", "proposeFeedback"): Example(
        "team-leader",
        {"inspection": "@town/inspection", "overview": "x", "proposedOn": DAY},
        "proposedOn",
        "team-leader",
    ),
    ("team", "giveFeedback"): Example(
        "team-leader",
        {"inspection": "@town/inspection", "recipients": ["@town-head"], "givenOn": DAY},
        "givenOn",
        "team-leader",
    ),
    ("office", "decideFeedback"): Example(
        DIRECTOR, {"inspection": "@town/inspection", "approved": False, "reason": "x", "decidedOn": DAY}, "decidedOn"
    ),
    ("office", "recordFeedbackService"): Example(
        DIRECTOR, {"inspection": "@town/inspection", "reason": "x", "recordedOn": DAY}, "recordedOn"
    ),
    ("unit", "receiveFeedback"): Example(
        "town-head", {"inspection": "@town/inspection", "receivedOn": DAY}, "receivedOn", "town-head"
    ),
    ("team", "holdMeeting"): Example(
        "team-leader",
        {"team": "@town/team", "attendees": ["@team-leader"], "heldOn": DAY,
         "items": [{"kind": "in_depth_inquiry", "about": "@clue", "subject": "y", "conclusion": "y"}]},
        "heldOn",
        "team-leader",
    ),
    ("team", "recordActivity"): Example(
        "team-member",
        {"inspection": "@town/inspection", "way": "interview", "place": "x", "staff": ["@team-member"],
         "member": "@town-head", "record": "x", "outcome": "x", "reason": "x", "decision": "x", "heldOn": DAY},
        "heldOn",
        "team-member",
    ),
    ("team", "requestDocuments"): Example(
        "team-member",
        {"inspection": "@town/inspection", "what": "x", "recipients": ["@town-head"], "wantedBy": DAY,
         "requestedOn": DAY},
        "requestedOn",
        "team-member",
    ),
    ("team", "openInquiry"): Example(
        "team-leader",
        {"inspection": "@town/inspection", "clues": ["@clue"], "on": "member", "subject": "x",
         "staff": ["@team-member"], "openedOn": DAY},
        "openedOn",
        "team-leader",
    ),
    ("team", "concludeInquiry"): Example(
        "team-leader", {"inquiry": "@inquiry", "findings": "x", "concludedOn": DAY}, "concludedOn", "team-leader"
    ),
    ("team", "proposeSuggestion"): Example(
        "team-leader",
        {"inspection": "@town/inspection", "text": "x", "proposedOn": DAY,
         "conditions": {"strongPublicReaction": "y", "plainlyAgainstTheRules": "y", "soonSolvable": "y"}},
        "proposedOn",
        "team-leader",
    ),
    ("office", "decideSuggestion"): Example(
        DIRECTOR, {"suggestion": "@suggestion", "approved": False, "reason": "x", "decidedOn": DAY}, "decidedOn"
    ),
    ("team", "makeSuggestion"): Example(
        "team-leader",
        {"suggestion": "@suggestion", "recipients": ["@town-head"], "madeOn": DAY},
        "madeOn",
        "team-leader",
    ),
    ("unit", "answerDocumentRequest"): Example(
        "town-head",
        {"request": "@request", "outcome": "partly", "account": "x", "reason": "x", "answeredOn": DAY},
        "answeredOn",
        "town-head",
    ),
    ("unit", "answerSuggestion"): Example(
        "town-head", {"suggestion": "@suggestion", "account": "x", "answeredOn": DAY}, "answeredOn", "town-head"
    ),
    ("team", "reportDirectly"): Example(
        "team-leader",
        {"clue": "@clue", "addressee": "@group-head", "specialCircumstances": "x", "report": "x", "reportedOn": DAY},
        "reportedOn",
    ),
    ("team", "proposeEarlyTransfer"): Example(
        "team-leader",
        {"clue": "@early", "organ": "@discipline", "reason": "x", "proposedOn": DAY},
        "proposedOn",
        "team-leader",
    ),
    ("unit", "receiveNotice"): Example(
        "town-head", {"inspection": "@town/inspection", "receivedOn": DAY}, "receivedOn", "town-head"
    ),
    ("unit", "publishNotice"): Example(
        "town-head", {"inspection": "@town/inspection", "publishedOn": DAY, "account": "x"}, "publishedOn", "town-head"
    ),
    ("organ", "receiveTransfer"): Example(
        "discipline-contact", {"transfer": "@transfer", "receivedOn": DAY}, "receivedOn", "discipline-contact"
    ),
    ("organ", "returnTransfer"): Example(
        "discipline-contact",
        {"transfer": "@transfer", "reason": "x", "returnedOn": DAY},
        "returnedOn",
        "discipline-contact",
    ),
    ("organ", "answerTransfer"): Example(
        "discipline-contact",
        {"transfer": "@transfer", "handling": "preliminary_verification", "account": "x", "answeredOn": DAY},
        "answeredOn",
        "discipline-contact",
    ),
    ("unit", "planItem"): Example(
        "town-head",
        {"inspection": "@town/inspection", "item": "@item", "measures": "x", "responsible": "@town-head",
         "byOn": FUTURE, "plannedOn": DAY},
        "plannedOn",
        "town-head",
    ),
    ("unit", "updateItem"): Example(
        "town-head",
        {"inspection": "@town/inspection", "item": "@item", "state": "done", "evidence": "x", "updatedOn": DAY},
        "updatedOn",
        "town-head",
    ),
    ("unit", "askItemExtension"): Example(
        "town-head",
        {"inspection": "@town/inspection", "item": "@item", "toOn": FUTURE, "reason": "x", "askedOn": DAY},
        "askedOn",
        "town-head",
    ),
    ("unit", "submitRectificationReport"): Example(
        "town-head",
        {"inspection": "@town/inspection", "report": "x", "recipients": ["@office-clerk"], "submittedOn": DAY},
        "submittedOn",
        "town-head",
    ),
    ("unit", "submitHeadsReport"): Example(
        "town-head",
        {"inspection": "@town/inspection", "report": "x", "recipients": ["@office-clerk"], "submittedOn": DAY},
        "submittedOn",
        "town-head",
    ),
    ("office", "decideItemExtension"): Example(
        DIRECTOR,
        {"inspection": "@town/inspection", "item": "@item", "granted": False, "reason": "x", "decidedOn": DAY},
        "decidedOn",
    ),
    ("office", "returnReport"): Example(
        DIRECTOR,
        {"inspection": "@town/inspection", "which": "heads", "reason": "x", "returnedOn": DAY},
        "returnedOn",
    ),
    ("team", "checkItem"): Example(
        "team-member",
        {"inspection": "@town/inspection", "item": "@item", "accepted": False, "reason": "x", "checkedOn": DAY},
        "checkedOn",
        "team-member",
    ),
    ("team", "linkEarlierProblem"): Example(
        "team-member",
        {"inspection": "@town/inspection", "item": "@item", "earlierInspection": "@earlier/inspection",
         "earlier": "@earlier", "linkedOn": DAY},
        "linkedOn",
        "team-member",
    ),
    ("team", "proposePublication"): Example(
        "team-leader",
        {"inspection": "@town/inspection", "of": "other", "text": "x", "proposedOn": DAY},
        "proposedOn",
        "team-leader",
    ),
    ("office", "decidePublication"): Example(
        DIRECTOR,
        {"publication": "@publication", "approved": False, "reason": "x", "decidedOn": DAY},
        "decidedOn",
    ),
    ("team", "publish"): Example(
        "team-leader",
        {"publication": "@publication", "where": "x", "publishedOn": DAY},
        "publishedOn",
        "team-leader",
    ),
    ("team", "nameReporter"): Example(
        "team-leader",
        {"team": "@town/team", "person": "@team-member", "namedOn": DAY},
        "namedOn",
        "team-leader",
    ),
    ("team", "reportPeriodically"): Example(
        "team-member",
        {"team": "@town/team", "of": "new_practice", "content": "x", "recipients": ["@office-clerk"],
         "reportedOn": DAY},
        "reportedOn",
        "team-member",
    ),
    ("office", "endRoundsWork"): Example(DIRECTOR, {"round": "@round", "endedOn": DAY}, "endedOn"),
    ("team", "handOverFile"): Example(
        "team-leader",
        {"team": "@town/team", "entries": [{"kind": "meeting_papers", "pieces": 1}],
         "recipients": ["@office-clerk"], "handedOverOn": DAY},
        "handedOverOn",
        "team-leader",
    ),
    ("office", "receiveFile"): Example(
        DIRECTOR, {"team": "@town/team", "remarks": "x", "receivedOn": DAY}, "receivedOn"
    ),
    ("leading-group", "closeRound"): Example(
        "group-head", {"round": "@round", "conclusion": "x", "closedOn": DAY}, "closedOn", "group-head"
    ),
    ("organ", "deliver"): Example(
        "discipline-contact",
        {"replyTo": "@asked", "occasion": "inquiry_answer", "recipients": ["@team-leader"], "content": "x",
         "deliveredOn": DAY},
        "deliveredOn",
    ),
    ("organ", "acknowledgeDelivery"): Example(
        "discipline-contact", {"delivery": "@asked", "receivedOn": DAY}, "receivedOn"
    ),
    ("organ", "nominateLeader"): Example(
        "organisation-contact",
        {"round": "@round", "person": "@team-member", "consultedOn": DAY, "consulted": "@discipline", "reason": "x",
         "nominatedOn": DAY},
        "nominatedOn",
        "organisation-contact",
    ),
    ("addressee", "acknowledgeDelivery"): Example(
        "city-leader", {"delivery": "@letter", "receivedOn": DAY}, "receivedOn"
    ),
}  # fmt: skip


def commands() -> dict[str, type[Command]]:
    """Every command of the domain, by its verb."""
    return {c.__name__[0].lower() + c.__name__[1:]: c for c in Command.__subclasses__()}


FROM_PAPER = {verb: example for (audience, verb), example in EXAMPLES.items() if example.paper}
VERBS = [pytest.param(audience, verb, id=f"{audience}-{verb}") for audience, verb in EXAMPLES]


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """A city in which every verb has something to speak of."""
    c = application.city
    c.found()
    c.begin()
    ids = c.ids
    ids["petition"] = c.petition(1)
    c.instruct(ids["petition"])
    ids["clue"] = c.clue(ids["petition"])
    ids["transfer"] = c.transfer(ids["clue"])
    ids["request"] = c.request()
    c.meet("in_depth_inquiry", ids["clue"])
    ids["inquiry"] = c.inquire(clues=[ids["clue"]])
    ids["suggestion"] = c.suggest()
    for name, subject, given in (
        ("told", DIRECTOR, EXAMPLES["office", "deliver"].given),
        ("asked", "team-leader", EXAMPLES["team", "deliver"].given),
        ("letter", DIRECTOR, {"round": "@round", "occasion": "other", "recipients": ["@city-leader"],
                              "content": "x", "deliveredOn": DAY}),
    ):  # fmt: skip
        ids[name] = c.done(subject, "deliver", **{**filled(c, given), "deliveredOn": c.ago(15)})
    ids["early"] = c.clue(ids["petition"], petitions=[], managed="unit")
    ids["direct"] = c.clue(ids["petition"], petitions=[])
    early = {"organ": ids["discipline"], "reason": "x", "proposedOn": c.ago(20)}
    c.done("team-leader", "proposeEarlyTransfer", clue=ids["early"], **early)
    special = {"specialCircumstances": "x", "report": "x", "reportedOn": c.ago(20)}
    c.done("team-leader", "reportDirectly", clue=ids["direct"], addressee=ids["group-head"], **special)
    c.done(DIRECTOR, "decideRecusal", recusal=ids["recusal"], outcome="upheld", reason="属实", decidedOn=c.ago(5))
    given = {"inspection": ids["town/inspection"], "person": ids["team-undeclared"], "grounds": ["other"]}
    c.done("team-leader", "requestRecusal", **given, reason="x", statement="x", requestedOn=c.ago(10))
    ids["asked recusal"] = recusal_of(ids["round"], ids["town"], ids["team-undeclared"])
    (ids["item"],) = c.feedback_received(ids["town/inspection"], ids["town"])
    ids["earlier/inspection"] = "inspection:00000000-0000-4000-8000-0000000000e1"
    (ids["earlier"],) = c.feedback_received(ids["earlier/inspection"], ids["town"], received_on=c.ago(400))
    given = {"inspection": ids["town/inspection"], "of": "other", "text": "公开的内容", "proposedOn": c.ago(6)}
    ids["publication"] = c.done("team-leader", "proposePublication", **given)
    c.done(
        "group-head",
        "grantMandate",
        round=ids["round"],
        team=ids["town/team"],
        person=ids["team-member"],
        duty="member",
        units=[ids["town"]],
        powers=["supervision"],
        fromOn=c.ago(30),
        untilOn=FUTURE,
        decidedOn=c.ago(30),
    )
    c.settle()
    return c


def filled(city: Any, value: Any) -> Any:
    """The example with the city's ids and days in it."""
    if isinstance(value, dict):
        return {name: filled(city, item) for name, item in value.items()}
    if isinstance(value, list):
        return [filled(city, item) for item in value]
    if value == DAY:
        return city.ago(5)
    return city.ids[value[1:]] if isinstance(value, str) and value.startswith("@") else value


def absent(id_: str) -> str:
    """An id of the same kind that nothing has."""
    return f"{id_.partition(':')[0]}:00000000-0000-4000-8000-00000000dead"


def ids_of(given: dict[str, Any]) -> list[str]:
    """The fields of a command that hold an id."""
    return [
        name for name, value in given.items() if isinstance(value, str) and re.match(r"[a-z-]+:[0-9a-f]{8}-", value)
    ]


def new_id() -> str:
    return str(uuid4())


def refusal(answer: Any) -> dict[str, Any]:
    assert answer.status == 200, answer
    return dict(answer.json()["data"]["done"])


# --- every verb ------------------------------------------------------------------------------------------------


def test_every_verb_has_an_example() -> None:
    """A new verb fails here until it is tried with bad input."""
    offered = {
        (audience, verb) for audience, (_, schema) in SCHEMAS.items() for verb in schema._schema.mutation_type.fields
    }
    known = set(EXAMPLES) | {("office", verb) for verb in FROM_PAPER}
    known |= {("leading-group", verb) for verb in ("decideRecusal", "decideFeedback", "decideEarlyTransfer")}
    assert offered == known


@pytest.mark.parametrize(("audience", "verb"), VERBS)
def test_an_unknown_id_is_not_found(audience: str, verb: str, city: Any) -> None:
    """promises.md: NOT_FOUND, without an article, whatever the verb."""
    subject, given = EXAMPLES[audience, verb].subject, filled(city, EXAMPLES[audience, verb].given)
    for field in ids_of(given):
        if field == "handler":
            continue  # named inside something the caller sees: a rule speaks of it
        answer = refusal(city.do(subject, verb, client_id=new_id(), **{**given, field: absent(given[field])}))
        shown = {name: answer[name] for name in ("code", "rule", "article", "path")}
        if verb == "decideRecusal" or (audience, verb, field) == ("unit", "requestRecusal", "person"):
            assert answer["code"] in ("NOT_FOUND", "REFUSED")
        else:
            assert shown == {"code": "NOT_FOUND", "rule": None, "article": None, "path": None}, field


@pytest.mark.parametrize(("audience", "verb"), VERBS)
def test_an_ill_formed_id_names_its_field_and_not_its_value(audience: str, verb: str, city: Any) -> None:
    """promises.md: ILL_FORMED with its path; the value is not echoed."""
    subject, given = EXAMPLES[audience, verb].subject, filled(city, EXAMPLES[audience, verb].given)
    for field in ids_of(given):
        for wrong in ("planted", f"{given[field]}\n", f"attempts:{given[field][-36:]}"):
            answer = city.do(subject, verb, client_id=new_id(), **{**given, field: wrong})
            assert refusal(answer)["code"] == "ILL_FORMED", (field, wrong)
            assert refusal(answer)["path"] == field
            assert b"planted" not in answer.body


OUTSIDERS = {
    "office": [NOBODY, "ended-clerk", "other-leader"],
    "leading-group": [NOBODY, "group-member", "other-leader"],
    "team": [NOBODY, "team-recused", "other-leader", "town-head"],
    "unit": [NOBODY, "bureau-head", "team-leader"],
    "organ": [NOBODY, "organisation-contact"],
    "addressee": [NOBODY, "bureau-head", "team-leader"],
}


@pytest.mark.parametrize(("audience", "verb"), VERBS)
def test_who_has_no_part_gets_the_same_bytes_for_what_is_there_and_what_is_not(
    audience: str, verb: str, city: Any
) -> None:
    """promises.md: hidden and non-existent look the same, at every endpoint that has the verb, paper or no paper."""
    given = filled(city, EXAMPLES[audience, verb].given)
    endpoints = [name for name, (_, schema) in SCHEMAS.items() if verb in schema._schema.mutation_type.fields]
    on = None if EXAMPLES[audience, verb].acted_on else city.ago(5)
    paper = {"doer": city.ids["group-head"], "paperReference": "x", "happenedOn": on}
    target = next(iter(ids_of(given)), None)
    outsiders = OUTSIDERS[audience]
    if verb == "declareRecusal":
        outsiders = [NOBODY, "other-leader"]  # one recused may declare again: it is their own
    if verb == "requestRecusal":
        outsiders = [NOBODY, "team-recused", "bureau-head"]  # who has part in the one audience has in the other
    if verb == "nominateLeader":
        outsiders = [NOBODY, "discipline-contact"]  # the organisation department is no outsider here
    for endpoint in endpoints:
        for subject in outsiders:
            for circumstances in (None, paper) if endpoint == "office" else (None,):
                there, nowhere = (
                    city.do(subject, verb, audience=endpoint, client_id=new_id(), circumstances=circumstances, **g)
                    for g in (given, {**given, target: absent(given[target])} if target else given)
                )
                assert refusal(there)["code"] in ("NOT_FOUND", "REFUSED"), (endpoint, subject)
                assert there == nowhere, (endpoint, subject, circumstances)


@pytest.mark.parametrize(("audience", "verb"), VERBS)
def test_an_endpoint_without_the_verb_does_not_know_it(audience: str, verb: str, city: Any) -> None:
    """promises.md: one schema per audience; another's verb is a document that does not fit."""
    example = EXAMPLES[audience, verb]
    given = filled(city, example.given)
    for endpoint, (_, schema) in SCHEMAS.items():
        if verb not in schema._schema.mutation_type.fields:
            answer = city.do(example.subject, verb, audience=endpoint, client_id=new_id(), **given)
            assert answer.status == 400
            assert answer.json()["errors"][0]["extensions"]["code"] == "ILL_FORMED"


@pytest.mark.parametrize(("audience", "verb"), VERBS)
def test_a_text_too_long_or_with_control_characters_is_ill_formed(audience: str, verb: str, city: Any) -> None:
    """promises.md: 20,000 characters, NFC, no control or bidi characters; the field is named, the text is not."""
    example = EXAMPLES[audience, verb]
    given = filled(city, example.given)
    for field, value in example.given.items():
        if value != "x" or field == "issuer":
            continue
        for wrong, why in (
            ("x" * (LONGEST + 1), "longer"),
            ("  \n", "empty"),
            ("x\u202ex", "control"),
            ("x\0x", "control"),
            ("x\x1b[31m", "control"),
            ("x\ud800", None),
        ):
            found = refusal(city.do(example.subject, verb, client_id=new_id(), **{**given, field: wrong}))
            assert (found["code"], found["path"]) == ("ILL_FORMED", field), (field, wrong[:5])
            assert why is None or why in found["says"], found


@pytest.mark.parametrize(("audience", "verb"), VERBS)
def test_a_day_that_is_none_or_lies_in_the_future_is_not_taken(audience: str, verb: str, city: Any) -> None:
    """promises.md §2: what is put on record cannot lie in the future; also not under an unknown precision."""
    example = EXAMPLES[audience, verb]
    given = filled(city, example.given)
    for field, value in example.given.items():
        if value not in (DAY, FUTURE):
            continue
        for wrong in ("2015-02-30", "planted", 20150101, "99999-01-01"):
            answer = city.do(example.subject, verb, client_id=new_id(), **{**given, field: wrong})
            error = answer.json()["errors"][0]
            assert answer.status == 400
            assert error["extensions"] == {"code": "ILL_FORMED", "path": field}, (field, wrong)
            assert b"planted" not in answer.body
    field = "receivedOn" if verb == "registerPetition" else example.acted_on
    if field:
        for circumstances in (None, {"precision": "unknown"}, {"precision": "late_month"}):
            later = {**given, field: "9999-12-31"}
            if verb == "endInspection":
                later["endedOn"] = FUTURE
            found = refusal(city.do(example.subject, verb, client_id=new_id(), circumstances=circumstances, **later))
            if circumstances and verb != "registerPetition":
                assert (found["code"], found["path"]) == ("ILL_FORMED", "circumstances.precision")
            elif circumstances != {"precision": "late_month"}:
                assert found["rule"] == "not_in_the_future", found


@pytest.mark.parametrize("verb", FROM_PAPER)
def test_entering_anothers_act_needs_the_office_and_a_reference(verb: str, city: Any) -> None:
    """Art. 28: by the office, from paper, with the paper's reference."""
    example = FROM_PAPER[verb]
    given = filled(city, example.given)
    doer, on = city.ids[example.paper], None if example.acted_on else city.ago(5)
    without = refusal(
        city.do(DIRECTOR, verb, client_id=new_id(), circumstances={"doer": doer, "happenedOn": on}, **given)
    )
    assert (without["rule"], without["article"], without["path"]) == ("paper_has_reference", "28", "circumstances")
    bare = {"doer": doer, "paperScanSha256": "0" * 64}
    scan = refusal(city.do(DIRECTOR, verb, client_id=new_id(), circumstances=bare, **given))
    assert (scan["code"], scan["path"]) == ("ILL_FORMED", "circumstances.paperReference")
    audience = next(a for a, v in EXAMPLES if v == verb)
    paper = {"doer": city.ids["team-deputy"], "paperReference": "x", "happenedOn": on}
    other = refusal(city.do(example.subject, verb, audience=audience, client_id=new_id(), circumstances=paper, **given))
    assert other["rule"] == "paper_has_reference"
    for wrong, path in (
        ({"doer": f"petition:{city.ids['petition'][-36:]}", "paperReference": "x"}, "circumstances.doer"),
        ({"doer": "planted", "paperReference": "x"}, "circumstances.doer"),
        ({"doer": doer, "paperReference": "x", "paperScanSha256": "zz"}, "circumstances.paperScanSha256"),
        ({"doer": doer, "paperReference": "x\u202e"}, "circumstances.paperReference"),
        ({"doer": doer, "paperReference": "x", "precision": "about"}, "circumstances.precision"),
    ):
        found = refusal(city.do(DIRECTOR, verb, client_id=new_id(), circumstances=wrong, **given))
        assert (found["code"], found["path"]) == ("ILL_FORMED", path)
    nobody = {"doer": absent(doer), "paperReference": "x", "happenedOn": on}
    found = refusal(city.do(DIRECTOR, verb, client_id=new_id(), circumstances=nobody, **given))
    assert found["code"] == "NOT_FOUND" or found["rule"] == "mandate_live"


# --- state, order of dates, power ------------------------------------------------------------------------------

REFUSED = (
    ("group-head", "approvePlan", {"round": "@round", "approvedOn": DAY}, "plan_awaits_decision"),
    ("team-leader", "serveNotice", {"inspection": "@town/inspection", "talkedOn": DAY, "servedOn": DAY,
     "recipients": ["@town-head"], "content": "x", "fromOn": DAY, "untilOn": FUTURE}, "within_the_power"),
    ("team-leader", "endInspection", {"inspection": "@town/inspection", "endedOn": "@40 before entry"},
     "mandate_live"),
    ("town-head", "receiveNotice", {"inspection": "@town/inspection", "receivedOn": DAY}, "notice_before_receipt"),
    ("town-head", "publishNotice", {"inspection": "@town/inspection", "publishedOn": DAY, "account": "x"},
     "published_once"),
    ("team-member", "registerPetition", {"inspection": "@town/inspection", "receivedOn": DAY, "channel": "letter",
     "content": "x", "summary": "x"}, "only_the_registrar"),
    ("team-registrar", "registerPetition", {"inspection": "@town/inspection", "receivedOn": "@40 before entry",
     "channel": "letter", "content": "x", "summary": "x"}, "petition_after_entry"),
    ("team-deputy", "instructPetition", {"petition": "@petition", "instruction": "x", "handler": "@team-member",
     "instructedOn": DAY}, "only_the_leader"),
    ("team-leader", "instructPetition", {"petition": "@petition", "instruction": "x", "handler": "@team-member",
     "instructedOn": DAY}, "handled_once"),
    ("team-member", "handlePetition", {"petition": "@petition", "way": "answered", "account": "x", "handledOn": DAY},
     "handled_once"),
    ("team-leader", "reportClue", {"clue": "@clue", "reportedOn": DAY, "report": "x"}, "reported_once"),
    ("team-deputy", "reportClue", {"clue": "@clue", "reportedOn": DAY, "report": "x"}, "reported_by_the_leader"),
    (DIRECTOR, "transferItem", {"item": "@clue", "recipients": ["@discipline-contact"], "material": "x",
     "transferredOn": DAY}, "transferred_once"),
    (DIRECTOR, "transferItem", {"item": "@clue", "recipients": ["@organisation-contact"], "material": "x",
     "transferredOn": DAY}, "delivered_to_named_persons"),
    (DIRECTOR, "transferItem", {"item": "@clue", "recipients": [], "material": "x", "transferredOn": DAY},
     "delivered_to_named_persons"),
    ("team-registrar", "endInspection", {"inspection": "@town/inspection", "endedOn": DAY}, "led_by_the_leader"),
    ("discipline-contact", "answerTransfer", {"transfer": "@transfer", "handling": "preliminary_verification",
     "account": "x", "answeredOn": DAY}, "received_before_answered"),
    ("discipline-contact", "receiveTransfer", {"transfer": "@transfer", "receivedOn": "@40 before entry"},
     "receipt_not_before_transfer"),
    ("team-undeclared", "registerClue", {"inspection": "@town/inspection", "category": "organisational_discipline",
     "managed": "city", "firstKnownOn": DAY, "registeredOn": DAY, "text": "x", "summary": "x"},
     "recusal_declared_first"),
    ("office-clerk", "decideRecusal", {"recusal": "@recusal", "outcome": "upheld", "reason": "x", "decidedOn": DAY},
     "recusal_decided_by_who_may"),
    ("group-member", "decideDisposal", {"item": "@clue", "disposalClass": "cadre_discipline",
     "organ": "@discipline", "decidedOn": DAY}, "disposal_decided_by_who_may"),
    ("group-head", "grantMandate", {"round": "@round", "team": "@town/team", "person": "@team-member",
     "duty": "leader", "units": ["@town"], "fromOn": DAY, "untilOn": FUTURE, "decidedOn": DAY}, "granted_by_who_may"),
)  # fmt: skip


@pytest.mark.parametrize(("subject", "verb", "given", "rule"), REFUSED)
def test_a_rule_says_no_with_its_article(subject: str, verb: str, given: Any, rule: str, city: Any) -> None:
    """promises.md: REFUSED cites the rule, its article and its support, in Chinese or English."""
    city.ids["40 before entry"] = city.ago(84)
    filled_in = filled(city, given)
    for language in ("zh", "en"):
        found = refusal(city.do(subject, verb, client_id=new_id(), language=language, **filled_in))
        assert (found["code"], found["rule"]) == ("REFUSED", rule)
        assert found["article"]
        assert found["support"] in ("text", "interpretation", "convention")
        assert bool(re.search(r"[\u4e00-\u9fff]", found["says"])) == (language == "zh")


@pytest.mark.parametrize(("subject", "verb"), [("team-registrar", "reportClue"), ("team-member", "reportClue"),
                                              ("other-member", "handlePetition"), ("team-undeclared", "handlePetition"),
                                              ("team-undeclared", "reportClue"), ("other-leader", "instructPetition"),
                                              ("other-leader", "reportClue"), ("group-member", "decideDisposal"),
                                              ("organisation-contact", "receiveTransfer")])  # fmt: skip
def test_what_a_member_may_not_see_answers_like_nothing(subject: str, verb: str, city: Any) -> None:
    """promises.md §4: also inside the team: the registrar sees no clue, a member only what is theirs to handle."""
    example = next(e for (_, v), e in EXAMPLES.items() if v == verb)
    given = filled(city, example.given)
    target = ids_of(given)[0]
    there, nowhere = (
        city.do(subject, verb, client_id=new_id(), **g) for g in (given, {**given, target: absent(given[target])})
    )
    assert there == nowhere
    if subject != "group-member":
        assert refusal(there)["code"] == "NOT_FOUND"


def test_an_attempt_on_what_is_hidden_leaves_no_trace_in_ones_own_list(city: Any) -> None:
    """Art. 5 (c): own acts are what was done; an attempt listed for what exists only would tell that it does."""
    before = city.rows("team-member", "ownActs", "id kind")
    petition = city.petition(77)
    given = {"way": "answered", "account": "x", "handledOn": city.ago(2)}
    for target in (petition, absent(petition)):
        assert city.refused("team-member", "handlePetition", petition=target, **given)["code"] == "NOT_FOUND"
    city.settle()
    assert city.rows("team-member", "ownActs", "id kind") == before


# --- once ------------------------------------------------------------------------------------------------------


def test_a_command_sent_twice_has_one_effect_and_one_answer(city: Any) -> None:
    """promises.md, promise 3: the same id and content, the first answer, byte for byte; accepted or refused."""
    for given in ({"name": "一次", "category": "town_or_street"}, {"name": "二次", "category": "other_by_decision"}):
        client_id = new_id()
        first, second = (city.do(DIRECTOR, "registerBody", client_id=client_id, **given) for _ in range(2))
        assert first == second
        upper = city.do(DIRECTOR, "registerBody", client_id=client_id.upper(), **given)
        assert upper.json()["data"]["done"].get("id") == first.json()["data"]["done"].get("id")
    city.settle()
    names = [row["name"]["text"] for row in city.rows(DIRECTOR, "bodies", "name { text }")]
    assert (names.count("一次"), names.count("二次")) == (1, 0)


def test_the_same_id_with_other_content_is_ill_formed(city: Any) -> None:
    """promises.md: same id, other content: ILL_FORMED; another verb, another endpoint, other circumstances as well."""
    client_id = new_id()
    first = city.do(DIRECTOR, "registerPerson", client_id=client_id, name="甲")
    assert "id" in first.json()["data"]["done"]
    for verb, given, circumstances in (
        ("registerPerson", {"name": "乙"}, None),
        ("registerBody", {"name": "甲", "category": "town_or_street"}, None),
        ("registerPerson", {"name": "甲"}, {"happenedOn": city.ago(3), "recollected": True}),
        ("registerPerson", {"name": "甲"}, {"doer": city.ids["office-clerk"], "paperReference": "x",
                                            "happenedOn": city.ago(3)}),
    ):  # fmt: skip
        found = refusal(city.do(DIRECTOR, verb, client_id=client_id, circumstances=circumstances, **given))
        assert (found["code"], found["path"]) == ("ILL_FORMED", "commandId")
    again = city.do("office-clerk", "registerPerson", client_id=client_id, name="乙")
    assert "id" in again.json()["data"]["done"]  # scoped to the signed-in person


def test_an_act_of_today_resent_after_midnight_gets_the_first_answer(
    city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 3: a client that resends does not know that meanwhile its today has become yesterday in Shanghai."""
    today, petition = day_of(datetime.now(UTC)), city.petition(60)
    paper = {"doer": city.ids["office-clerk"], "paperReference": "某办〔示例〕1号", "happenedOn": today.isoformat()}
    instructed = {
        "petition": petition,
        "instruction": "x",
        "handler": city.ids["team-member"],
        "instructedOn": today.isoformat(),
    }
    sent: list[tuple[str, str, dict[str, Any], dict[str, Any] | None]] = [
        (DIRECTOR, "registerPerson", {"name": "无"}, None),
        (DIRECTOR, "registerPerson", {"name": "今天"}, {"happenedOn": today.isoformat()}),
        (DIRECTOR, "registerPerson", {"name": "分"}, {"happenedOn": today.isoformat(), "precision": "minute"}),
        (DIRECTOR, "registerPerson", {"name": "纸上"}, paper),
        ("team-leader", "instructPetition", instructed, None),
    ]  # fmt: skip
    ids = [new_id() for _ in sent]

    def send(n: int, circumstances: Any = "the same") -> Any:
        subject, verb, given, first = sent[n]
        circumstances = first if circumstances == "the same" else circumstances
        return city.do(subject, verb, client_id=ids[n], circumstances=circumstances, **given)

    before = [send(n) for n in range(len(sent))]
    assert all("id" in refusal(answer) for answer in before), before

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(days=1)

    monkeypatch.setattr("api.app.datetime", Tomorrow)
    assert "id" in refusal(city.do(DIRECTOR, "registerPerson", client_id=new_id(), name="明天", circumstances=
                                   {"happenedOn": (today + timedelta(1)).isoformat()}))  # fmt: skip
    assert [send(n) for n in range(len(sent))] == before
    yesterday = {"happenedOn": (today - timedelta(1)).isoformat()}
    for n, other in (
        (0, {"happenedOn": today.isoformat()}),
        (1, None),
        (1, {**yesterday, "recollected": True}),
        (1, paper),
        (3, {**paper, "doer": city.ids["group-head"]}),
        (3, {**paper, "paperReference": "某办〔示例〕2号"}),
        (3, {**paper, **yesterday}),
        (3, {**paper, "precision": "late_month"}),
        (3, {**paper, "paperScanSha256": "0" * 64}),
    ):
        found = refusal(send(n, other))
        assert (found["code"], found["path"]) == ("ILL_FORMED", "commandId"), (n, other)


@pytest.mark.parametrize("client_id", ["", "1", "planted", "0" * 32 + "g", "\ud800", "urn:uuid:", " " * 40])
def test_a_command_id_that_is_no_uuid_is_ill_formed(client_id: str, city: Any) -> None:
    """promises.md: a client-made id, new for every command."""
    answer = city.post(
        DIRECTOR,
        {"query": f"mutation {{ registerPerson(commandId: {json.dumps(client_id)}, input: {{name: \"x\"}})"
                  " { ... on Refusal { code path } } }"},
    )  # fmt: skip
    if answer.status == 200:
        assert answer.json()["data"]["registerPerson"] == {"code": "ILL_FORMED", "path": "commandId"}
    else:
        assert (answer.status, client_id) == (400, "\ud800")


def test_two_who_race_have_one_effect_each_and_both_an_answer(city: Any) -> None:
    """promises.md: a lost race is decided again; numbering stays without gaps, one instruction wins."""
    with ThreadPoolExecutor(8) as several:
        petitions = list(several.map(city.petition, range(100, 108)))
    assert len(set(petitions)) == 8
    city.settle()
    numbers = sorted(row["number"] for row in city.rows("team-leader", "petitions", "number"))
    assert numbers == list(range(1, len(numbers) + 1))
    given = {"petition": petitions[0], "handler": city.ids["team-member"], "instructedOn": city.ago(3)}

    def instruct(n: int) -> Any:
        return city.do("team-leader", "instructPetition", client_id=new_id(), instruction=f"第{n}次", **given)

    with ThreadPoolExecutor(6) as several:
        answers = [refusal(answer) for answer in several.map(instruct, range(6))]
    assert [("id" in a) for a in answers].count(True) == 1
    assert {a.get("rule") for a in answers if "id" not in a} == {"instructed_once"}


def test_one_command_sent_by_many_at_once_has_one_effect_and_the_same_bytes(city: Any) -> None:
    """promises.md, promise 3: once, also when the resend overtakes."""
    client_id = new_id()

    def send(_: int) -> Any:
        return city.do(DIRECTOR, "registerPerson", client_id=client_id, name="同时")

    with ThreadPoolExecutor(8) as several:
        answers = set(several.map(send, range(8)))
    assert len(answers) == 1


# --- values ----------------------------------------------------------------------------------------------------


def test_twenty_thousand_characters_are_taken_and_come_back_in_nfc(city: Any) -> None:
    """promises.md: text 20,000 characters, NFC."""
    long, composed = "文" * LONGEST, "e\u0301" * 3
    bodies = [city.done(DIRECTOR, "registerBody", name=name, category="town_or_street") for name in (long, composed)]
    city.settle()
    found = {row["id"]: row["name"]["text"] for row in city.rows(DIRECTOR, "bodies", "id name { text }")}
    assert [found[body] for body in bodies] == [long, "\u00e9" * 3]


@pytest.mark.parametrize(
    ("subject", "verb", "change", "path"),
    [
        (DIRECTOR, "registerBody", {"category": "no such"}, "category"),
        (DIRECTOR, "registerBody", {"category": "planted_code"}, "category"),
        (DIRECTOR, "appoint", {"post": "planted"}, "post"),
        (DIRECTOR, "openRound", {"year": 0}, "year"),
        (DIRECTOR, "openRound", {"number": 10_000}, "number"),
        (DIRECTOR, "openRound", {"number": -1}, "number"),
        (DIRECTOR, "submitPlan", {"units": [{"unit": "planted"}]}, "units.0.unit"),
        (DIRECTOR, "submitPlan", {"ways": ["planted"]}, "ways.0"),
        (DIRECTOR, "linkSignIn", {"subject": "plant ed"}, "subject"),
        (DIRECTOR, "linkSignIn", {"subject": "planted" * 40}, "subject"),
        ("group-head", "grantMandate", {"duty": "planted"}, "duty"),
        ("group-head", "grantMandate", {"powers": ["planted"]}, "powers.0"),
        ("team-registrar", "registerPetition", {"channel": "planted"}, "channel"),
        ("team-registrar", "registerPetition", {"petitioner": {"name": "planted\0"}}, "petitioner.name"),
        ("team-member", "registerClue", {"managed": "planted"}, "managed"),
        ("team-member", "registerClue", {"petitions": ["planted"]}, "petitions.0"),
        ("town-head", "receiveNotice", {"how": "planted"}, "how"),
    ],
)
def test_a_code_or_number_nobody_knows_names_its_field(
    subject: str, verb: str, change: dict[str, Any], path: str, city: Any
) -> None:
    """promises.md: ILL_FORMED, its path, never its value."""
    example = next(e for (_, v), e in EXAMPLES.items() if v == verb)
    given = {**filled(city, example.given), **change}
    answer = city.do(subject, verb, client_id=new_id(), **given)
    found = refusal(answer)
    assert (found["code"], found["path"]) == ("ILL_FORMED", path)
    assert b"planted" not in answer.body


LONG_LISTS = [
    pytest.param(audience, verb, field_name, id=f"{verb}-{field_name}")
    for audience, verb in EXAMPLES
    for field_name, field in commands()[verb].model_fields.items()
    if get_origin(field.annotation) is tuple
    and (audience, verb) != ("unit", "requestRecusal")  # no right to ask, whatever is asked; the team's is tried
]


@pytest.mark.parametrize(("audience", "verb", "name"), LONG_LISTS)
def test_a_list_of_more_than_two_hundred_is_ill_formed_and_names_its_field(
    audience: str, verb: str, name: str, city: Any
) -> None:
    """promises.md §1: whatever stands in it, and before anything is looked up."""
    example, field = EXAMPLES[audience, verb], camel(name)
    given = filled(city, example.given)
    (kind, _) = get_args(commands()[verb].model_fields[name].annotation)
    entry = _entry(city, kind) if isinstance(kind, type) and issubclass(kind, BaseModel) else "planted"
    says = "The list has more than 200 entries."
    for length in (201,) if isinstance(entry, dict) else (201, 200):
        answer = city.do(example.subject, verb, client_id=new_id(), **{**given, field: [entry] * length})
        found = refusal(answer)
        if length == 201:
            assert (found["code"], found["path"], found["says"]) == ("ILL_FORMED", field, says)
        else:
            assert found["says"] != says
            assert found["path"] in (field, f"{field}.0")
        assert b"planted" not in answer.body


def _entry(city: Any, kind: type[BaseModel]) -> dict[str, Any]:
    """What the schema takes for an entry of several fields, though no command would."""
    given: dict[Any, Any] = {date: city.ago(5), int: 1, bool: True}
    fields = {camel(n): f.annotation for n, f in kind.model_fields.items() if f.is_required()}
    return {n: [] if get_origin(a) is tuple else given.get(a, "planted") for n, a in fields.items()}


def test_a_list_as_long_as_a_body_can_hold_is_refused_at_once(city: Any) -> None:
    """promises.md §1: who sends a mebibyte makes nobody else wait: not one of its entries is looked at."""
    given = filled(city, EXAMPLES["leading-group", "formTeam"].given)
    many = [city.ids["town"]] * 20_000
    usual = min(_seconds(city, {**given, "units": ["planted"]}) for _ in range(3))
    assert min(_seconds(city, {**given, "units": many}) for _ in range(3)) < 1 + usual


def _seconds(city: Any, given: dict[str, Any]) -> float:
    """How long an ill-formed list of units takes."""
    began = time.monotonic()
    found = refusal(city.do("group-head", "formTeam", client_id=new_id(), **given))
    taken = time.monotonic() - began
    assert (found["code"], found["path"].partition(".")[0]) == ("ILL_FORMED", "units")
    return taken


@pytest.mark.parametrize(
    ("precision", "days"),
    [("early_month", (11, 21, 31)), ("mid_month", (10, 21)), ("late_month", (1, 20)), (None, ())],
)
def test_a_third_of_a_month_has_its_days(precision: str | None, days: tuple[int, ...], city: Any) -> None:
    """promises.md §2: a day outside the third that is named contradicts it; the day inside is taken."""
    inside = {"early_month": (1, 10), "mid_month": (11, 20), "late_month": (21, 31), None: (15,)}[precision]
    for day, fits in (*((d, False) for d in days), *((d, True) for d in inside)):
        then = {"happenedOn": f"2025-10-{day:02}", "recollected": True, "precision": precision}
        found = refusal(city.do(DIRECTOR, "registerPerson", client_id=new_id(), name="某人", circumstances=then))
        if fits:
            assert "id" in found, (day, found)
            continue
        assert (found["code"], found["path"]) == ("ILL_FORMED", "circumstances.happenedOn"), day
        assert found["says"] == "The day does not lie in the third of the month that is named."
    city.settle()


# --- queries ---------------------------------------------------------------------------------------------------


def test_paging_walks_over_every_row_once(city: Any) -> None:
    """promises.md: paging 20, at most 100; a cursor goes on where the page ended."""
    whole = city.rows(DIRECTOR, "people")
    assert len(whole) > 20
    assert len(city.ask(DIRECTOR, "{ people { items { id } } }")["people"]["items"]) == 20
    walked, cursor = [], None
    while True:
        page = city.ask(DIRECTOR, "query($c: String) { people(first: 3, cursor: $c) { items { id } next } }", c=cursor)[
            "people"
        ]
        assert len(page["items"]) <= 3
        walked += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert walked == whole


QUERIES = {
    "page size 0": ("{ bodies(first: 0) { next } }", "first"),
    "page size 101": ("{ bodies(first: 101) { next } }", "first"),
    "a page size below nought": ("{ bodies(first: -1) { next } }", "first"),
    "a cursor that is none": ('{ bodies(cursor: "planted") { next } }', "cursor"),
    "an empty cursor": ('{ bodies(cursor: "") { next } }', "cursor"),
    "a cursor of another shape": ('{ bodies(cursor: "WzEsMl0") { next } }', "cursor"),
    "a cursor with a nought": ('{ bodies(cursor: "WyJcdTAwMDAiLCAieCJd") { next } }', "cursor"),
    "a deep cursor": (f'{{ bodies(cursor: "{"W1tb" * 30_000}") {{ next }} }}', "cursor"),
    "a token that is none": ('{ bodies(after: "planted") { next } }', "after"),
    "a token of nobody": (f'{{ bodies(after: "{uuid4()}") {{ next }} }}', "after"),
    "a section that is none": ('{ codes(section: "planted") { code } }', "section"),
    "a section of the machine": ('{ codes(section: "__class__") { code } }', "section"),
    "the edition's text": ('{ codes(section: "text") { code } }', "section"),
    "a name where an id belongs": ('{ duties(where: {owedBy: "planted"}) { next } }', "where.owedBy"),
    "a state that is none": ('{ duties(where: {status: "planted"}) { next } }', "where.status"),
    "a duty of no such name": ('{ duties(where: {name: "planted"}) { next } }', "where.name"),
    "a nought in a filter": ('{ bodies(where: {id: "\\u0000"}) { next } }', "where"),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_with_a_wrong_argument_names_it(name: str, city: Any) -> None:
    """promises.md: 400 and ILL_FORMED with the path; 20 a page, at most 100."""
    query, path = QUERIES[name]
    answer = city.post(DIRECTOR, {"query": query})
    assert answer.status == 400, answer
    assert answer.json()["errors"][0]["extensions"] == {"code": "ILL_FORMED", "path": path}
    assert b"planted" not in answer.body


def test_a_value_no_row_can_have_is_answered_with_those_there_are(city: Any) -> None:
    """promises.md: what is wrong and what to do. An empty list would say that nothing is owed."""
    query = {"query": '{ duties(where: {status: "planted"}) { next } }'}
    answers = [city.post(DIRECTOR, query, Accept_Language=language) for language in ("zh", "en")]
    said = [answer.json()["errors"][0]["message"] for answer in answers]
    assert said == ["没有这个值；可用的有：owed、met。", "There is no such value; there are: owed, met."]


@pytest.mark.parametrize(
    ("query", "remembered"),
    [
        ("{ me { person } }", True),
        ('{ codes(section: "planted") { code } }', False),
        ("{ me { person } } # planted", False),
        ("{ me { " + "person " * 1_200 + "} }", False),
        ("", False),
        (None, False),
    ],
)
def test_only_short_documents_without_words_of_the_callers_are_remembered(query: str | None, remembered: bool) -> None:
    """promises.md §5.1: nor can anybody fill the memory with them."""
    assert _without_values(query) is remembered


MISSING = {
    "in a variable": (
        "mutation($i: AppointInput!) { appoint(commandId: 1, input: $i) { __typename } }",
        True,
        "fromOn",
    ),
    "in the document": (
        'mutation { appoint(commandId: 1, input: {person: "planted", body: "x", post: "y"}) { __typename } }',
        False,
        "fromOn",
    ),
    "inside a list": (
        "mutation($i: SubmitPlanInput!) { submitPlan(commandId: 1, input: $i) { __typename } }",
        {"round": "x", "tasks": "planted", "units": [{}], "fromOn": "2026-01-01", "untilOn": "2026-01-02",
         "inspectedFrom": "2020-01-01", "submittedOn": "2026-01-01"},
        "units.0.unit",
    ),
}  # fmt: skip


@pytest.mark.parametrize("where", MISSING)
def test_a_required_field_that_is_missing_is_named(where: str, city: Any) -> None:
    """promises.md: what is wrong and what to do, without a word of what was sent."""
    query, given, path = MISSING[where]
    appoint = {"person": "planted", "body": "x", "post": "y"}
    variables = {"i": given if isinstance(given, dict) else appoint} if given else None
    answer = city.post(DIRECTOR, {"query": query, "variables": variables})
    error = answer.json()["errors"][0]
    assert (answer.status, error["message"]) == (400, "缺少必填项。")
    assert error["extensions"] == {"code": "ILL_FORMED", "path": path}
    assert b"planted" not in answer.body


def nested(depth: int) -> str:
    return "{ a" * depth + " }" * depth


MALFORMED = {
    "deeper than allowed": nested(DEPTH + 1),
    "a hundred deep": nested(100),
    "more aliases than allowed": "{" + " ".join(f"a{n}: me {{ person }}" for n in range(ALIASES + 1)) + "}",
    "more tokens than allowed": "{ me { " + "person " * TOKENS + "} }",
    "fragments that double": "{ ...F0 }"
    + "".join(f" fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    + " fragment F60 on Query { nothing }",
    "a fragment that spreads itself": "{ ...A } fragment A on Query { ...A }",
    "a fragment nobody wrote": "{ ...Planted }",
    "brackets without end": "{ codes(section: " + "[" * 900 + ") }",
    "an introspection without end": "{ __schema { types { fields { type { fields { type { fields { type { fields"
    " { name } } } } } } } } } }",
    "an empty document": "",
    "blanks": "   ",
    "a schema": "schema { query: X }",
    "a fragment alone": "fragment X on Query { me { person } }",
    "a subscription": "subscription { planted }",
    "half a surrogate": "{ \ud800 }",
    "the node of everything": "{ node(id: 1) { id } }",
    "a list where a person belongs": "{ planted }",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_document_that_asks_too_much_or_nothing_is_malformed(name: str, city: Any) -> None:
    """promises.md: depth 8; 400 at once, not after minutes, and never 500."""
    answer = city.post(DIRECTOR, {"query": MALFORMED[name]})
    assert answer.status == 400, answer
    assert answer.json()["errors"][0]["extensions"]["code"] == "ILL_FORMED"
    assert b"planted" not in answer.body.lower()


def test_what_is_within_the_limits_is_answered(city: Any) -> None:
    """promises.md: the limits refuse what is beyond them only."""
    aliases = "{" + " ".join(f"a{n}: me {{ person }}" for n in range(ALIASES)) + "}"
    assert city.post(DIRECTOR, {"query": aliases}).status == 200
    many = "{ me { " + "person " * 80 + "} }"
    assert city.post(DIRECTOR, {"query": many}).status == 200
    twice = "{ ...A ...A } fragment A on Query { me { person } }"
    assert city.post(DIRECTOR, {"query": twice}).status == 200


BODIES = {
    "nothing": b"",
    "no json": b"{",
    "a list of queries": b'[{"query": "{ me { person } }"}]',
    "a text": b'"{ me { person } }"',
    "no query": b'{"variables": {}}',
    "a query that is a number": b'{"query": 1}',
    "variables that are a list": b'{"query": "{ me { person } }", "variables": []}',
    "an operation that is a number": b'{"query": "{ me { person } }", "operationName": 1}',
    "an operation that is not there": b'{"query": "{ me { person } }", "operationName": "x"}',
    "not utf-8": b'{"query": "\xff"}',
    "deep nesting": b'{"query": "{ me { person } }", "variables": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
    "a number of many digits": b'{"query": "{ me { person } }", "variables": {"a": ' + b"9" * 10_000 + b"}}",
    "not a number": b'{"query": "query($n: Int!) { bodies(first: $n) { next } }", "variables": {"n": NaN}}',
    "infinity": b'{"query": "query($n: Int!) { bodies(first: $n) { next } }", "variables": {"n": 1e999}}',
    "a page of many digits": b'{"query": "query($n: Int!) { bodies(first: $n) { next } }", "variables": {"n": '
    + b"9" * 400
    + b"}}",
    "multipart": b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--',
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_not_one_request_is_malformed(name: str, city: Any) -> None:
    """promises.md: 400; no batching, no multipart."""
    content_type = "multipart/form-data; boundary=x" if name == "multipart" else "application/json"
    answer = city.post(DIRECTOR, BODIES[name], Content_Type=content_type)
    assert answer.status == 400, answer
    assert answer.json()["errors"][0]["extensions"]["code"] == "ILL_FORMED"


def test_the_last_of_two_equal_keys_counts_and_nothing_else_does(city: Any) -> None:
    """promises.md: JSON with a key twice is one request, not two."""
    answer = city.post(DIRECTOR, b'{"query": "{ nothing }", "query": "{ me { capacity } }"}')
    assert answer.json() == {"data": {"me": {"capacity": "office"}}}


# --- HTTP ------------------------------------------------------------------------------------------------------


def raw_post(city: Any, lines: str, body: bytes = b"") -> bytes:
    head = f"POST /graphql/office HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {city.token(DIRECTOR)}\r\n"
    return bytes(city.raw(f"{head}Connection: close\r\n{lines}\r\n\r\n".encode() + body, patience=1.0))


def test_a_body_larger_than_a_mebibyte_is_not_read(city: Any) -> None:
    """promises.md: body 1 MiB; 413, said before the body is sent, and in the middle of one sent in chunks."""
    at_once = raw_post(city, f"Content-Length: {LARGEST_BODY + 1}")
    assert at_once.startswith(b"HTTP/1.1 413")
    assert b'"code":"TOO_LARGE"' in at_once
    chunk = b"%x\r\n%s\r\n" % (1 << 16, b" " * (1 << 16))
    assert raw_post(city, "Transfer-Encoding: chunked", chunk * 17).startswith(b"HTTP/1.1 413")
    padded = b'{"query": "{ me { person } }"' + b" " * (LARGEST_BODY - 30) + b"}"
    assert len(padded) == LARGEST_BODY
    assert city.post(DIRECTOR, padded).status == 200
    assert city.post(DIRECTOR, padded + b" ").status == 413


@pytest.mark.parametrize("length", ["-1", "+5", "0x10", "1e3", "5, 6", "9" * 5_000, ""])
def test_a_length_that_is_none_is_refused_without_a_word_of_it(length: str, city: Any) -> None:
    """promises.md: no 500; an odd length is the caller's fault."""
    answer = raw_post(city, f"Content-Length: {length}", b"{}")
    assert re.match(rb"HTTP/1\.1 4\d\d ", answer), answer[:100]


def test_a_length_that_promises_more_than_comes_does_not_stop_the_others(city: Any) -> None:
    """promises.md: who hangs up in the middle leaves nothing behind."""
    assert raw_post(city, "Content-Length: 500", b'{"query"') == b""
    assert city.post(DIRECTOR, {"query": "{ me { person } }"}).status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_only_post_asks(method: str, city: Any) -> None:
    """promises.md: no GET queries."""
    answer = city.send(method, "/graphql/office?query={me{person}}", Authorization=f"Bearer {city.token(DIRECTOR)}")
    assert answer.status == 405
    assert b"person" not in answer.body


@pytest.mark.parametrize("path", ["/graphql/auditor", "/graphql/", "/graphql", "/graphql/Office", "/graphql/office/x"])
def test_an_audience_that_is_none_is_not_found(path: str, city: Any) -> None:
    """promises.md: one endpoint per audience."""
    answer = city.send("POST", path, b"{}", Authorization=f"Bearer {city.token(DIRECTOR)}")
    assert answer.status in (404, 405)
    assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("path", ["/graphql/office/", "/graphql/unit/", "/healthz/", "/readyz/", "//healthz"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_slash_is_another_path_and_leads_nowhere(method: str, path: str, city: Any) -> None:
    """promises.md: no answer sends anybody on, for it would repeat the Host and the query that were sent."""
    head = f"{method} {path}?planted=13800001111 HTTP/1.1\r\nHost: planted.example\r\nContent-Length: 0\r\n"
    answer = city.raw(f"{head}Connection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"planted" not in answer
    assert b"13800001111" not in answer
    assert b"\r\nlocation:" not in answer.lower()


def test_a_correlation_id_that_is_none_gets_one_that_says_nothing_of_it(city: Any) -> None:
    """promises.md: the same text gets another id each time, so nobody can guess the text and compare."""
    for given in ("planted-13800001111", "00000000-0000-4000-8000-00000000000", "00000000-0000-4000-8000-00000000000G"):
        found = {city.send("GET", "/healthz", X_Correlation_Id=given).header("X-Correlation-Id") for _ in range(3)}
        assert len(found) == 3
        assert all(re.fullmatch("[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", one) for one in found)


LANGUAGES = {
    "": "zh", "zh": "zh", "zh-CN,zh;q=0.9,en;q=0.8": "zh", "en": "en", "en-GB": "en", "EN;q=0.5": "en",
    "zh;q=0.5, en;q=0.9": "en", "zh;q=0.5, en; q=0.9": "en", "en;q=0": "zh", "fr": "zh", "*": "zh", ",,;;q=": "zh",
    "en;q=x": "zh", "en;q=nan": "zh", "q=1;en": "zh", "x" * 3_000: "zh",
}  # fmt: skip


@pytest.mark.parametrize("header", LANGUAGES)
def test_chinese_unless_english_is_asked_for(header: str, city: Any) -> None:
    """promises.md: refusals in Chinese by default, English by Accept-Language."""
    answer = city.post(None, {}, "office", Accept_Language=header)
    assert answer.json()["errors"][0]["message"] == {"zh": "请先登录。", "en": "Please sign in."}[LANGUAGES[header]]


def test_every_answer_has_a_correlation_id_and_says_not_to_be_kept(city: Any) -> None:
    """promises.md: a correlation id always; nothing of a caller's text comes back in it."""
    for method, path, body in (
        ("GET", "/healthz", None), ("GET", "/readyz", None), ("GET", "/nothing", None), ("POST", "/graphql/x", b""),
        ("POST", "/graphql/office", b""), ("GET", "/graphql/office", None),
    ):  # fmt: skip
        for given in ("00000000-0000-4000-8000-000000000009", "planted-13800001111", "x\ty", "é", "a" * 500, ""):
            answer = city.send(method, path, body, X_Correlation_Id=given.encode("latin-1"))
            found = answer.header("X-Correlation-Id")
            assert re.fullmatch(r"[0-9a-f-]{32,36}", found)
            assert (found == given) == given.startswith("00000000-")
            assert answer.header("Cache-Control") == "no-store"
            assert answer.header("X-Content-Type-Options") == "nosniff"
            assert answer.header("Server") is None


def test_without_the_database_it_is_unavailable_and_can_be_tried_again(city: Any, application: Any) -> None:
    """promises.md: 503 with Retry-After, naming nothing; afterwards the same command has one effect."""
    database = application.database
    given = {"client_id": new_id(), "name": "暂停"}
    with database.connect() as connection:
        connection.execute(f'ALTER ROLE "{database.name}_writer" NOLOGIN')
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (f"{database.name}_writer",)
        )
        try:
            answer = city.do(DIRECTOR, "registerPerson", **given)
            ready = city.send("GET", "/readyz")
        finally:
            connection.execute(f'ALTER ROLE "{database.name}_writer" LOGIN')
    assert (answer.status, answer.header("Retry-After")) == (503, "1")
    assert answer.json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}
    assert (ready.status, ready.json()) == (503, {"ready": False, "database": False})
    assert database.name.encode() not in answer.body + ready.body
    again = [city.do(DIRECTOR, "registerPerson", **given) for _ in range(3)]
    assert "id" in again[-1].json()["data"]["done"]


def test_it_is_not_ready_while_the_projector_is_behind_and_says_how_far(city: Any, application: Any) -> None:
    """promises.md: no view more than 5 s or 1,000 entries behind; the number in the body. Waiting answers say STALE."""
    city.settle()
    application.projector.stop()
    try:
        made = [city.done(DIRECTOR, "registerPerson", name=f"第{n}人", once_more="late") for n in range(3)]
        assert city.send("GET", "/readyz").status == 200
        token = city.do(DIRECTOR, "registerPerson", client_id=new_id(), name="再一人").json()["data"]["done"]["token"]
        stale = city.post(DIRECTOR, {"query": f'{{ people(after: "{token}") {{ next }} }}'})
        assert (stale.status, stale.header("Retry-After")) == (503, "1")
        assert stale.json()["errors"][0]["extensions"] == {"code": "STALE"}
        late = city.send("GET", "/readyz")
        assert late.status == 503
        assert late.json()["behind"]["entries"] == 0, "four, and they are told in hundreds"
        assert late.json()["behind"]["seconds"] >= 5
        assert late.header("Retry-After") == "1"
        assert city.post(DIRECTOR, {"query": "{ people { next } }"}).status == 200
    finally:
        application.projector.start()
    city.settle()
    ready = city.send("GET", "/readyz")
    assert (ready.status, ready.json()["ready"]) == (200, True)
    assert {row["id"] for row in city.rows(DIRECTOR, "people")} >= set(made)


def test_it_is_not_ready_on_a_database_of_another_version(city: Any, application: Any) -> None:
    """`/readyz` says migrated only where the last migration run is the last one this software knows."""
    city.settle()
    assert city.send("GET", "/readyz").json()["migrated"] is True
    with application.database.connect() as connection:  # the last test of this file: the row cannot be taken away
        connection.execute("INSERT INTO ledger.migrations (number, name, sha256) VALUES (9999, 'later', '')")
    answer = city.send("GET", "/readyz")
    assert (answer.status, answer.json()["ready"], answer.json()["migrated"]) == (503, False, False)
