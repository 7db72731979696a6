"""The thread through GraphQL to its answer: who did each step and under what, and who sees which part of it."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

DIRECTOR = "office-director"
STEPS = (
    "id steps { id kind doer recorder capacity grounds power recordedAt fromPaper reference { text state }"
    " happened { precision source assertedBy on at } }"
)
LISTS = {
    "office": "bodies people rounds mandates inspections recusals petitions clues hearings disposals earlyTransfers"
    " transfers nominations deliveries trainings teamPlans",
    "leading-group": "bodies rounds items directReports nominations",
    "team": "bodies mandates inspections recusals petitions clues earlyTransfers transfers ownActs deliveries trainings"
    " plans",
    "unit": "bodies inspections",
    "organ": "bodies transfers nominations deliveries",
    "addressee": "deliveries",
}
BODIES = {"party_committee", "leading_group", "office", "town", "bureau", "discipline", "organisation"}
TOWN_TEAM = {"team-leader", "team-deputy", "team-registrar", "team-member", "team-undeclared", "team-recused"}
PETITIONS = {"p1", "p2", "p3", "p4", "p5", "p6"}
CLUES = {"c1", "c2", "c3"}


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """The thread told to its answer, with what is needed beside it to see that the rest stays hidden."""
    c = application.city
    c.found()
    c.begin()
    ids = c.ids
    town = {"team": ids["town/team"], "about": ids["town/inspection"]}
    ids["training"] = c.done(
        "office-clerk",
        "holdTraining",
        round=ids["round"],
        subject="集中培训",
        attendees=[ids["team-leader"], ids["team-member"]],
        heldOn=c.ago(58),
    )
    ids["plan"] = c.done(
        "team-leader",
        "fileTeamPlan",
        team=ids["town/team"],
        entries=[{"inspection": ids["town/inspection"], "entryOn": c.ago(44)}],
        priorities="重点任务",
        division="内部分工",
        filedOn=c.ago(52),
    )
    ids["told"] = c.done(
        "office-clerk",
        "deliver",
        **town,
        occasion="information_to_team",
        recipients=[ids["team-member"]],
        content="抄送的有关情况",
        deliveredOn=c.ago(43),
    )
    ids["asked"] = c.done(
        "team-leader",
        "deliver",
        **town,
        occasion="inquiry_to_organ",
        body=ids["discipline"],
        recipients=[ids["discipline-contact"]],
        content="请提供有关情况",
        deliveredOn=c.ago(43),
    )
    for name in sorted(PETITIONS):
        ids[name] = c.petition(int(name[1:]))
    for petition, handler in (
        ("p1", "team-member"),
        ("p2", "team-recused"),
        ("p3", "team-ended"),
        ("p5", "team-member"),
        ("p6", "team-member"),
    ):
        c.instruct(ids[petition], handler)
    for clue, petition in (("c1", "p1"), ("c2", "p5"), ("c3", "p6")):
        ids[clue] = c.clue(ids[petition])
    ids["hearing"] = c.hear()
    ids["t1"] = c.transfer(ids["c1"])
    ids["t2"] = c.transfer(ids["c2"], "organisation", transferredOn=c.ago(5))
    c.done("discipline-contact", "receiveTransfer", transfer=ids["t1"], receivedOn=c.ago(21))
    c.done(
        "discipline-contact",
        "answerTransfer",
        transfer=ids["t1"],
        handling="preliminary_verification",
        account="已列入初核",
        answeredOn=c.ago(2),
    )
    c.done("organisation-contact", "receiveTransfer", transfer=ids["t2"], receivedOn=c.ago(4))
    c.settle()
    return c


def seen(city: Any, subject: str, audience: str) -> dict[str, set[str]]:
    """What a person sees at an endpoint: list by list, in the names the tests use."""
    names = {row: name for name, row in city.ids.items()}
    lists = " ".join(f"{view}(first: 100) {{ items {{ id }} }}" for view in LISTS[audience].split())
    found = city.ask(subject, f"{{ {lists} }}", audience)
    return {
        view: {names.get(row["id"], "?").removesuffix("/mandate") for row in page["items"]}
        for view, page in found.items()
    }


def nothing(audience: str) -> dict[str, set[str]]:
    return {view: set() for view in LISTS[audience].split()}


def expected(subject: str) -> dict[str, set[str]]:
    """The table: what each person sees at their own endpoint. `?` stands for rows the tests have no name for."""
    team = {"bodies": BODIES, "mandates": {*TOWN_TEAM, "team-ended"}, "inspections": {"town/inspection"}}
    town = {**nothing("team"), **team, "recusals": {"?"}, "ownActs": {"?"}, "plans": {"plan"}}
    leading = {"petitions": PETITIONS, "clues": CLUES, "deliveries": {"told", "asked"}}
    nominations = {"team-leader/nomination", "other-leader/nomination"}
    heads = {
        "bodies": BODIES,
        "rounds": {"round"},
        "items": {"c1", "c2"},
        "nominations": nominations,
        "directReports": set(),
    }
    others = {
        **town,
        "plans": set(),
        "mandates": {"other-leader", "other-member"},
        "inspections": {"bureau/inspection"},
    }
    everybody = {"?"}
    return {
        DIRECTOR: {
            "bodies": BODIES,
            "people": everybody,
            "rounds": {"round"},
            "mandates": {*TOWN_TEAM, "team-ended", "other-leader", "other-member"},
            "inspections": {"town/inspection", "bureau/inspection"},
            "recusals": {"recusal", "?"},
            "petitions": PETITIONS,
            "clues": CLUES,
            "hearings": {"hearing"},
            "disposals": {"c1", "c2"},
            "earlyTransfers": set(),
            "transfers": {"t1", "t2"},
            "nominations": nominations,
            "deliveries": {"told"},
            "trainings": {"training"},
            "teamPlans": {"plan"},
        },
        "ended-clerk": nothing("office"),
        "nobody-in-particular": nothing("office"),
        "party-secretary": heads,
        "group-head": heads,
        "group-deputy": heads,
        "group-member": {**heads, "nominations": set()},
        "team-leader": {**town, **leading, "recusals": {"?", "recusal"}, "trainings": {"training"}},
        "team-deputy": {**town, **leading},
        "team-registrar": {**town, "petitions": PETITIONS},
        "team-member": {
            **town,
            "petitions": {"p1", "p5", "p6"},
            "clues": CLUES,
            "trainings": {"training"},
            "deliveries": {"told"},
        },
        "team-undeclared": {**town, "recusals": set(), "ownActs": set()},
        "team-recused": {**town, "recusals": {"recusal"}, "petitions": {"p2"}},
        "team-ended": {**town, "petitions": {"p3"}},
        "other-leader": others,
        "other-member": others,
        "town-head": {"bodies": {"town"}, "inspections": {"town/inspection"}},
        "bureau-head": {"bodies": {"bureau"}, "inspections": {"bureau/inspection"}},
        "discipline-contact": {**nothing("organ"), "bodies": {"discipline"}, "transfers": {"t1"}, "deliveries": {"?"}},
        "organisation-contact": {
            **nothing("organ"),
            "bodies": {"organisation"},
            "transfers": {"t2"},
            "nominations": nominations,
        },
    }[subject]


SUBJECTS = {
    DIRECTOR: "office",
    "ended-clerk": "office",
    "nobody-in-particular": "office",
    "party-secretary": "leading-group",
    "group-head": "leading-group",
    "group-deputy": "leading-group",
    "group-member": "leading-group",
    "team-leader": "team",
    "team-deputy": "team",
    "team-registrar": "team",
    "team-member": "team",
    "team-undeclared": "team",
    "team-recused": "team",
    "team-ended": "team",
    "other-leader": "team",
    "other-member": "team",
    "town-head": "unit",
    "bureau-head": "unit",
    "discipline-contact": "organ",
    "organisation-contact": "organ",
}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_sees_their_own_part_and_nothing_else(subject: str, city: Any) -> None:
    """promises.md §4: at their own endpoint what the table says, at every other endpoint nothing at all, but what was
    delivered to them in person."""
    for audience in LISTS:
        found = seen(city, subject, audience)
        if audience == "addressee":
            assert found == {"deliveries": {"?"} if subject == "discipline-contact" else set()}
        elif audience != SUBJECTS[subject]:
            assert found == nothing(audience), audience
        else:
            if audience == "office" and found["people"]:
                assert found["people"] >= {DIRECTOR, "team-member"}
                found["people"] = {"?"}
            assert found == expected(subject)


Steps = list[tuple[str, str, dict[str, Any]]]


@pytest.fixture(scope="module")
def steps(city: Any) -> Steps:
    """Every step of every matter, as every person sees it."""
    return list(_steps(city))


def _steps(city: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for subject, audience in SUBJECTS.items():
        for view in LISTS[audience].split():
            for row in city.rows(subject, view, STEPS):
                assert row["steps"], (subject, view)
                for step in row["steps"]:
                    yield subject, view, step


def test_every_step_says_who_did_it_who_recorded_it_when_and_under_what(steps: Steps) -> None:
    """issue: every step shows doer, recorder, when it happened, when it was recorded, under which power."""
    kinds = set()
    for subject, view, step in steps:
        kinds.add(step["kind"])
        where = (subject, view, step)
        happened = step["happened"]
        assert step["recordedAt"].endswith("+00:00"), where
        assert step["doer"], where
        assert step["recorder"], where
        assert happened["on"], where
        assert (happened["precision"] == "minute") == (happened["at"] is not None), where
        if step["capacity"] == "system":
            assert step["doer"].startswith("system:"), where
            continue
        assert step["doer"].startswith("person:"), where
        assert happened["assertedBy"] == step["recorder"], where
        of_team = step["capacity"] == "team"
        assert step["grounds"].startswith("mandate:" if of_team else "appointment:"), where
        declared = step["kind"].startswith("recusal.declared")
        assert step["power"] == (None if not of_team or declared else step["power"]), where
        assert (step["power"] is not None) == (of_team and not declared), where
        if not step["fromPaper"]:
            assert (step["doer"], step["reference"]) == (step["recorder"], None), where
    assert kinds >= {
        *("petition.registered.v1", "petition.instructed.v1", "petition.handled.v1"),
        *("clue.registered.v1", "clue.reported.v1", "disposal.proposed.v1", "disposal.decided.v1"),
        *(
            "hearing.held.v1",
            "disposal.carried-out.v1",
            "transfer.made.v1",
            "transfer.received.v1",
            "transfer.answered.v1",
        ),
        *("inspection.notice-served.v1", "inspection.entered.v1", "round.mandate-granted.v1"),
        *("recusal.declared.v1", "body.registered.v1", "person.registered.v1", "round.plan-approved.v1"),
    }


def test_the_powers_of_the_steps_are_those_their_articles_need(steps: Steps) -> None:
    """Art. 5 (c): on-site for petitions and clues, closing for the report upward, preparation before entry."""
    powers = {step["kind"]: step["power"] for _, _, step in steps if step["capacity"] == "team"}
    assert powers == {
        "inspection.notice-served.v1": "preparation",
        "inspection.entered.v1": "preparation",
        "recusal.declared.v1": None,
        "team.plan-filed.v1": "preparation",
        "delivery.made.v1": "on_site",
        "petition.registered.v1": "on_site",
        "petition.instructed.v1": "on_site",
        "petition.handled.v1": "on_site",
        "clue.registered.v1": "on_site",
        "clue.reported.v1": "closing",
    }


def test_what_was_entered_from_paper_shows_both_persons_and_the_reference(city: Any) -> None:
    """Art. 28: entered by the office on behalf of the doer the paper names."""
    row = city.rows(DIRECTOR, "mandates", STEPS)
    step = next(r for r in row if r["id"] == city.ids["team-leader/mandate"])["steps"][0]
    assert (step["doer"], step["recorder"]) == (city.ids["party-secretary"], city.ids[DIRECTOR])
    assert step["fromPaper"] is True
    assert step["reference"] == {"text": "某委〔示例〕1号", "state": "readable"}
    assert (step["happened"]["precision"], step["happened"]["source"]) == ("day", "paper")
    assert step["happened"]["on"] == city.ago(61)
    assert step["grounds"] == city.ids["party-secretary/post"]


def test_a_time_remembered_is_told_from_one_seen(city: Any, steps: Steps) -> None:
    """promises.md §2: recorded, happened, due and the place in the ledger are four different times."""
    found = {step["kind"]: step["happened"] for _, _, step in steps}
    opened, entered = found["round.opened.v1"], found["inspection.entered.v1"]
    assert (opened["precision"], opened["source"]) == ("minute", "live")
    assert (entered["precision"], entered["source"], entered["on"]) == ("day", "recollection", city.ago(44))


def test_the_petition_carries_its_words_to_those_who_handle_it_and_never_its_writer(city: Any, steps: Steps) -> None:
    """promises.md §5.1: what it says, never who wrote it."""
    rows = city.rows("team-member", "petitions", "id number status anonymous content { text } summary { text } clue")
    row = next(r for r in rows if r["id"] == city.ids["p1"])
    assert row["content"]["text"] == "来信原文 1"
    assert (row["number"], row["status"], row["anonymous"], row["clue"]) == (1, "handled", False, city.ids["c1"])
    everything = str(steps) + str(rows)
    assert "来信人" not in everything


def test_the_answer_stands_where_organ_and_office_can_read_it(city: Any) -> None:
    """Art. 17: a written account of the handling."""
    fields = "id status handling account { text } answerDue { state metOn dueOn article owedBy }"
    for subject in ("discipline-contact", DIRECTOR):
        row = next(r for r in city.rows(subject, "transfers", fields) if r["id"] == city.ids["t1"])
        assert row["status"] == "answered"
        assert row["handling"] == "preliminary_verification"
        assert row["account"]["text"] == "已列入初核"
        assert row["answerDue"]["state"] == "met"
        assert row["answerDue"]["metOn"] == city.ago(2)


def test_a_recused_person_loses_the_unit_at_once_with_what_came_before(city: Any) -> None:
    """Art. 23: off that unit at once, access gone; today's authority applies to yesterday's data."""
    ids = city.ids
    assert city.rows("team-recused", "petitions") == [{"id": ids["p2"]}]
    city.done(DIRECTOR, "decideRecusal", recusal=ids["recusal"], outcome="upheld", reason="属实", decidedOn=city.ago(0))
    for view in ("petitions", "clues", "inspections"):
        assert city.rows("team-recused", view) == [], view  # before any view has heard of it
    assert city.rows("team-recused", "ownActs") != []
    city.settle()
    assert city.rows("team-recused", "recusals", "id outcome") == [{"id": ids["recusal"], "outcome": "upheld"}]
    given = {"petition": ids["p2"], "way": "answered", "account": "x", "handledOn": city.ago(1)}
    gone = city.do("team-recused", "handlePetition", **given)
    assert gone.json()["data"]["done"]["code"] == "NOT_FOUND"
    random = {**given, "petition": "petition:00000000-0000-4000-8000-000000000000"}
    assert city.do("team-recused", "handlePetition", **random) == gone
    city.refused(
        "team-leader",
        "instructPetition",
        petition=ids["p4"],
        instruction="x",
        handler=ids["team-recused"],
        instructedOn=city.ago(1),
    )


def test_an_ended_mandate_ends_the_view_but_not_the_list_of_own_acts(city: Any) -> None:
    """Art. 5: access ends with the powers; the list, not the content, of one's own acts stays visible."""
    ids = city.ids
    assert city.rows("team-ended", "petitions") == [{"id": ids["p3"]}]
    acts = city.rows("team-ended", "ownActs", "id kind happenedOn mandate")
    city.done(
        "group-head",
        "endMandate",
        round=ids["round"],
        mandate=ids["team-ended/mandate"],
        endedOn=city.ago(1),
        reason="工作调动",
    )
    found = seen(city, "team-ended", "team")
    assert found == {**nothing("team"), "ownActs": {"?"}}
    assert city.rows("team-ended", "ownActs", "id kind happenedOn mandate") == acts


def test_an_ended_mandate_cannot_be_used_by_giving_a_day_on_which_it_lived(city: Any) -> None:
    """Art. 5: no act without a live mandate; what one does oneself one must be allowed when recording it."""
    given = {"petition": city.ids["p3"], "way": "answered", "account": "x", "handledOn": city.ago(3)}
    refusal = city.refused("team-ended", "handlePetition", **given)
    assert refusal["code"] == "NOT_FOUND"
    for then in (None, {"happenedOn": city.ago(3), "recollected": True}):
        refusal = city.refused(
            "team-ended",
            "declareRecusal",
            inspection=city.ids["town/inspection"],
            declaredOn=city.ago(3),
            circumstances=then,
            once_more=str(then),
        )
        assert refusal["code"] == "NOT_FOUND"


def test_an_ended_appointment_cannot_be_used_by_giving_a_day_on_which_it_lived(city: Any) -> None:
    """Art. 3: the post must be held when the act is recorded, too."""
    for verb, given in (
        ("registerPerson", {"name": "x"}),
        (
            "transferItem",
            {
                "item": city.ids["c3"],
                "recipients": [city.ids["discipline-contact"]],
                "material": "x",
                "transferredOn": city.ago(5),
            },
        ),
    ):
        for then in (None, {"happenedOn": city.ago(5), "recollected": True}):
            refusal = city.refused("ended-clerk", verb, circumstances=then, once_more=str(then), **given)
            assert (refusal["code"], refusal["rule"]) == ("REFUSED", "holds_the_post")


def test_a_person_a_clue_concerns_sees_nothing_of_it_in_any_capacity(city: Any) -> None:
    """promises.md §3 (c): whoever's own person an item concerns; a row is withheld from them."""
    ids = city.ids
    ids["p7"] = city.petition(7)
    city.instruct(ids["p7"])
    clue = city.clue(ids["p7"], concerned=[ids["office-clerk"], ids["team-leader"]])
    city.settle()
    assert clue in {r["id"] for r in city.rows(DIRECTOR, "clues")}
    assert clue in {r["id"] for r in city.rows("team-deputy", "clues")}
    assert clue not in {r["id"] for r in city.rows("office-clerk", "clues")}
    assert clue not in {r["id"] for r in city.rows("team-leader", "clues")}
    nobodys = "clue:00000000-0000-4000-8000-000000000000"
    for subject, verb, given in (
        (
            "office-clerk",
            "transferItem",
            {
                "item": "@",
                "recipients": [ids["discipline-contact"]],
                "material": "x",
                "transferredOn": city.ago(5),
            },
        ),
        ("team-leader", "reportClue", {"clue": "@", "report": "x", "reportedOn": city.ago(5)}),
    ):
        hidden, absent = (
            city.do(subject, verb, **{name: which if value == "@" else value for name, value in given.items()})
            for which in (clue, nobodys)
        )
        assert hidden == absent
        assert hidden.json()["data"]["done"]["code"] == "NOT_FOUND"


def test_a_transfer_is_withheld_from_those_its_clue_concerns_wherever_they_serve(city: Any) -> None:
    """promises.md §4: one of the receiving organ whom the clue is about gets neither row nor verb."""
    ids = city.ids
    ids["p8"] = city.petition(8)
    city.instruct(ids["p8"])
    clue = city.clue(ids["p8"], concerned=[ids["discipline-contact"]])
    head = city.done(DIRECTOR, "registerPerson", name="收件人")
    city.done(DIRECTOR, "appoint", person=head, body=ids["discipline"], post="organ_head", fromOn="2000-01-01")
    transfer = city.transfer(clue, recipients=[head])
    city.settle()
    assert transfer in {r["id"] for r in city.rows("office-clerk", "transfers")}
    assert transfer not in {r["id"] for r in city.rows("discipline-contact", "transfers")}
    nobodys = "transfer:00000000-0000-4000-8000-000000000000"
    hidden, absent = (
        city.do("discipline-contact", "receiveTransfer", transfer=which, receivedOn=city.ago(1))
        for which in (transfer, nobodys)
    )
    assert hidden == absent
    assert hidden.json()["data"]["done"]["code"] == "NOT_FOUND"


def test_a_clerk_gives_nobody_a_sign_in_or_a_post(city: Any) -> None:
    """Art. 4(5): whoever could link a sign-in to the group's head could act as the group's head."""
    head, office = city.ids["group-head"], city.ids["office-clerk"]
    for verb, given in (
        ("linkSignIn", {"person": head, "issuer": "issuer", "subject": "another"}),
        ("appoint", {"person": office, "body": city.ids["town"], "post": "unit_head", "fromOn": city.ago(1)}),
    ):
        refusal = city.refused("office-clerk", verb, **given)
        assert (refusal["rule"], refusal["article"]) == ("authority_entered_by_the_director", "4(5)")


def test_a_sign_in_in_the_wrong_hands_is_unlinked_and_a_post_entered_by_mistake_withdrawn(city: Any) -> None:
    """Art. 3, 4(5): from that moment on, on the day it was entered too; the director keeps a way in."""
    ids = city.ids
    person = city.done(DIRECTOR, "registerPerson", name="某人")
    sign_in = {"person": person, "issuer": city.issuer.name, "subject": "in-wrong-hands"}
    city.done(DIRECTOR, "linkSignIn", **sign_in)
    post = {"person": person, "body": ids["office"], "post": "office_clerk", "fromOn": city.ago(0)}
    appointment = city.done(DIRECTOR, "appoint", **post)
    held = {"Authorization": f"Bearer {city.issuer.token('in-wrong-hands')}"}
    city.settle()

    def asked() -> Any:
        return city.post(None, {"query": "{ people(first: 1) { items { id } } }"}, "office", **held)

    assert asked().json()["data"]["people"]["items"] != []
    withdrawn = {"person": person, "appointment": appointment, "reason": "登记有误"}
    assert (
        city.refused("office-clerk", "withdrawAppointment", **withdrawn)["rule"] == "authority_entered_by_the_director"
    )
    city.done(DIRECTOR, "withdrawAppointment", **withdrawn)
    assert asked().json()["data"]["people"]["items"] == []
    assert city.refused(DIRECTOR, "withdrawAppointment", once_more="x", **withdrawn)["code"] == "NOT_FOUND"
    unlinked = {**sign_in, "reason": "归属有误"}
    assert city.refused("office-clerk", "unlinkSignIn", **unlinked)["rule"] == "authority_entered_by_the_director"
    anothers = {**unlinked, "person": ids["team-leader"]}
    assert city.refused(DIRECTOR, "unlinkSignIn", **anothers)["code"] == "NOT_FOUND"
    city.done(DIRECTOR, "unlinkSignIn", **unlinked)
    assert asked().status == 401
    own = {"person": ids[DIRECTOR], "issuer": city.issuer.name, "subject": DIRECTOR, "reason": "x"}
    assert city.refused(DIRECTOR, "unlinkSignIn", **own)["rule"] == "sign_in_unlinked_by_another"
    city.done(DIRECTOR, "linkSignIn", once_more="anew", **{**sign_in, "person": ids["team-leader"]})
    assert asked().status == 200
    city.settle()
    (row,) = (
        r for r in city.rows(DIRECTOR, "people", "id signIns appointments { id } steps { kind }") if r["id"] == person
    )
    assert (row["signIns"], row["appointments"]) == (0, [])
    assert [step["kind"] for step in row["steps"]][-2:] == [
        "person.appointment-withdrawn.v1", "person.sign-in-unlinked.v1",
    ]  # fmt: skip


def test_two_who_unlink_each_other_at_once_do_not_both_lose_access(city: Any) -> None:
    """Art. 4(5), ADR 16: the sign-in a command is made with is watched like all that it reads."""
    ids, start = city.ids, threading.Barrier(2)
    for me in ("unlinker-1", "unlinker-2"):
        ids[me] = city.done(DIRECTOR, "registerPerson", name=f"角色 {me}")
        city.done(DIRECTOR, "linkSignIn", person=ids[me], issuer=city.issuer.name, subject=me)
        post = {"body": ids["office"], "post": "office_deputy_director", "fromOn": city.ago(10)}
        city.done(DIRECTOR, "appoint", person=ids[me], **post)

    def unlink(me: str, other: str, n: int) -> None:
        given = {"person": ids[other], "issuer": city.issuer.name, "subject": other, "reason": "x"}
        start.wait()
        city.do(me, "unlinkSignIn", audience="office", once_more=str(n), **given)

    for n in range(4):
        with ThreadPoolExecutor(2) as both:
            list(both.map(unlink, ("unlinker-1", "unlinker-2"), ("unlinker-2", "unlinker-1"), (n, n)))
        left = [city.post(me, {"query": "{ me { person } }"}, "office").status for me in ("unlinker-1", "unlinker-2")]
        assert sorted(left) == [200, 401]
        gone = f"unlinker-{left.index(401) + 1}"
        city.done(DIRECTOR, "linkSignIn", person=ids[gone], issuer=city.issuer.name, subject=gone, once_more=str(n))


def test_nobody_reaches_a_petition_by_papers_of_their_own(city: Any) -> None:
    """Art. 4(5), 28: a clerk who says it was the director, or the group's head, gets no sign-in, post or mandate."""
    ids, nobody = city.ids, "nobody-in-particular"
    by_the_director = {"doer": ids[DIRECTOR], "paperReference": "某办〔示例〕9号", "happenedOn": city.ago(5)}
    by_the_head = {"doer": ids["group-head"], "paperReference": "某组〔示例〕9号"}
    mandate = {
        "round": ids["round"],
        "team": ids["town/team"],
        "duty": "deputy_leader",
        "units": [ids["town"]],
        "fromOn": city.ago(5),
        "untilOn": city.ago(-30),
        "decidedOn": city.ago(5),
    }
    post = {"body": ids["office"], "post": "office_director", "fromOn": city.ago(5)}
    by_night = {"issuer": city.issuer.name, "subject": "clerk-by-night"}
    by_the_director_only, favours = "authority_entered_by_the_director", "nobody_records_what_favours_them"
    for subject, verb, paper, given, rule in (
        ("office-clerk", "linkSignIn", by_the_director, {"person": ids["team-leader"], **by_night}, None),
        ("office-clerk", "linkSignIn", by_the_director, {"person": ids[DIRECTOR], **by_night}, None),
        ("office-clerk", "appoint", by_the_director, {"person": ids[nobody], **post}, None),
        ("office-clerk", "appoint", by_the_director, {"person": ids["office-clerk"], **post}, favours),
        ("office-clerk", "grantMandate", by_the_head, {"person": ids[nobody], **mandate}, None),
        ("office-clerk", "grantMandate", by_the_head, {"person": ids["office-clerk"], **mandate}, favours),
        (DIRECTOR, "grantMandate", by_the_head, {"person": ids[DIRECTOR], **mandate}, favours),
    ):
        refusal = city.refused(subject, verb, circumstances=paper, **given)
        assert refusal["rule"] == (rule or by_the_director_only), (subject, verb)
    city.settle()
    stranger = {"Authorization": f"Bearer {city.issuer.token('clerk-by-night')}"}
    for audience in LISTS:
        assert city.post(None, {"query": "{ me { person } }"}, audience, **stranger).status == 401
    for subject in ("office-clerk", DIRECTOR, nobody):
        assert seen(city, subject, "team") == nothing("team"), subject
        given = {"petition": ids["p4"], "way": "answered", "account": "x", "handledOn": city.ago(1)}
        refusal = city.refused(subject, "handlePetition", audience="team", **given)
        assert refusal["code"] == "NOT_FOUND"
    assert seen(city, nobody, "office") == nothing("office")


def test_the_director_does_not_leave_the_office_without_one(city: Any) -> None:
    """Art. 4(5): nobody ends their own post, and a clerk not the director's from paper; the director goes on."""
    (row,) = (r for r in city.rows(DIRECTOR, "people", "id appointments { id post }") if r["id"] == city.ids[DIRECTOR])
    given = {"person": row["id"], "appointment": row["appointments"][0]["id"], "endedOn": city.ago(1)}
    refusal = city.refused(DIRECTOR, "endAppointment", **given)
    assert (refusal["rule"], refusal["article"], refusal["path"]) == ("nobody_ends_their_own_post", "4(5)", "person")
    paper = {"doer": city.ids[DIRECTOR], "paperReference": "某办〔示例〕9号", "happenedOn": city.ago(1)}
    refusal = city.refused("office-clerk", "endAppointment", circumstances=paper, **given)
    assert refusal["rule"] == "authority_entered_by_the_director"
    assert city.rows(DIRECTOR, "petitions") != []


def late(city: Any, n: int, **changes: Any) -> dict[str, Any]:
    """A petition that comes after the end of the inspection."""
    return {
        "inspection": city.ids["town/inspection"],
        "receivedOn": city.ago(1),
        "channel": "letter",
        "content": f"迟到的来信{n}",
        "summary": "x",
        **changes,
    }


def test_after_the_end_of_the_inspection_on_site_power_is_over_and_closing_goes_on(city: Any) -> None:
    """Art. 5 (c), 13: on-site power ends with the end at that unit; under closing, what came in is dealt with."""
    ids = city.ids
    unhandled, on_site_only = city.petition(9), city.enrol("on-site-only")
    city.done(
        "group-head",
        "grantMandate",
        round=ids["round"],
        team=ids["town/team"],
        person=on_site_only,
        duty="deputy_leader",
        powers=["preparation", "on_site"],
        units=[ids["town"]],
        fromOn=city.ago(60),
        untilOn=city.ago(-100),
        decidedOn=city.ago(61),
    )
    inspection = ids["town/inspection"]
    declared = city.do(
        "on-site-only", "declareRecusal", audience="team", inspection=inspection, declaredOn=city.ago(20)
    )
    assert "id" in declared.json()["data"]["done"]
    before = {s: city.rows(s, "ownActs", "id") for s in ("team-leader", "team-member", "team-registrar")}
    city.settle()
    assert city.rows("on-site-only", "petitions", audience="team") != []
    assert city.rows("on-site-only", "clues", audience="team") != []
    kept = {
        (s, view): city.rows(s, view)
        for s in ("team-leader", "team-deputy", "team-registrar", "team-member")
        for view in ("petitions", "clues")
    }
    city.done("team-leader", "endInspection", inspection=inspection, endedOn=city.ago(2))
    city.settle()
    for view in ("petitions", "clues"):
        assert city.rows("on-site-only", view, audience="team") == [], view
    for (subject, view), rows in kept.items():
        assert city.rows(subject, view) == rows, (subject, view)
    assert {subject for (subject, view), rows in kept.items() if view == "petitions" and rows} == {
        *("team-leader", "team-deputy", "team-registrar", "team-member")
    }
    for subject in ("team-leader", "team-member"):
        assert city.rows(subject, "inspections", "status") == [{"status": "ended"}]
    for subject, acts in before.items():
        assert [a for a in acts if a in city.rows(subject, "ownActs", "id")] == acts
    refusal = city.refused("team-leader", "endInspection", inspection=inspection, endedOn=city.ago(1))
    assert (refusal["rule"], refusal["article"]) == ("within_the_power", "5")
    instruct = {
        "petition": unhandled,
        "instruction": "请核实",
        "handler": ids["team-member"],
        "instructedOn": city.ago(1),
    }
    hidden = city.do("on-site-only", "instructPetition", audience="team", **instruct)
    assert hidden.json()["data"]["done"]["code"] == "NOT_FOUND"
    city.done("team-leader", "instructPetition", **instruct)
    answered = {"petition": unhandled, "way": "answered", "account": "x", "handledOn": city.ago(1)}
    city.done("team-member", "handlePetition", **answered)
    city.settle()
    (row,) = (
        r for r in city.rows("team-leader", "petitions", "id status late steps { power }") if r["id"] == unhandled
    )
    assert (row["status"], row["late"]) == ("handled", False)
    assert [step["power"] for step in row["steps"]] == ["on_site", "closing", "closing"]


def test_what_comes_after_the_end_is_registered_and_passed_on_to_a_named_organ(city: Any) -> None:
    """Art. 13: the team deals with it no more, nobody sends it to its unit, and the row says where it went."""
    ids = city.ids
    city.settle()
    assert city.rows("team-leader", "inspections", "status") == [{"status": "ended"}], "the test before ends it"
    petition = city.done("team-registrar", "registerPetition", **late(city, 1))
    city.done(
        "team-leader",
        "instructPetition",
        petition=petition,
        instruction="转",
        handler=ids["team-member"],
        instructedOn=city.ago(1),
    )
    given = {"petition": petition, "account": "x", "handledOn": city.ago(1)}
    for way, organ, rule in (
        ("answered", None, "late_petition_passed_on"),
        ("passed_to_organ", None, "passed_on_to_a_named_organ"),
    ):
        refusal = city.refused("team-member", "handlePetition", way=way, organ=organ, **given)
        assert (refusal["code"], refusal["rule"], refusal["article"]) == ("REFUSED", rule, "13")
    refusal = city.refused("team-member", "handlePetition", way="passed_to_organ", organ=ids["town"], **given)
    assert (refusal["code"], refusal["path"]) == ("ILL_FORMED", "organ")
    passed = {"recipients": [ids["discipline-contact"]], "material": "来信所反映的问题"}
    city.done("team-member", "handlePetition", way="passed_to_organ", organ=ids["discipline"], **given, **passed)
    city.settle()
    fields = "id late way organ steps { power }"
    row = next(r for r in city.rows("team-registrar", "petitions", fields) if r["id"] == petition)
    assert (row["late"], row["way"], row["organ"]) == (True, "passed_to_organ", ids["discipline"])
    assert {step["power"] for step in row["steps"]} == {"closing"}


def test_ones_own_writing_is_read_back_by_its_token(city: Any) -> None:
    """promises.md: read your own writes; the token is the command id and tells nothing of the ledger."""
    answer = city.do(DIRECTOR, "registerBody", name="另一机关", organClass="organisation").json()["data"]["done"]
    found = city.ask(
        DIRECTOR,
        "query($t: String, $w: BodyWhere) { bodies(after: $t, where: $w) { items { id } } }",
        t=answer["token"],
        w={"id": answer["id"]},
    )
    assert found["bodies"]["items"] == [{"id": answer["id"]}]
    unknown = city.post("town-head", {"query": f'{{ bodies(after: "{answer["token"]}") {{ next }} }}'})
    assert unknown.status == 400  # somebody else's token is nobody's


def test_a_plan_shows_when_it_was_submitted_and_how_it_was_decided_on(city: Any) -> None:
    """Art. 11(1): to office and leading group, and not decided on before it was submitted."""
    ids, ago = city.ids, city.ago
    opened = {"year": city.origin.year, "number": 2, "title": "第二轮"}
    round_ = city.done("office-clerk", "openRound", **opened)
    no = city.refused(DIRECTOR, "openRound", **opened)
    assert (no["rule"], no["article"], no["path"]) == ("round_number_once", "11(1)", "number")
    plan = {
        "round": round_,
        "tasks": "回头看",
        "units": [{"unit": ids["bureau"]}],
        "fromOn": ago(-10),
        "untilOn": ago(-60),
        "inspectedFrom": ago(1200),
    }
    fields = "id status submittedOn approvedOn decision { text state } returnedOn returnReason { text state }"

    def row(subject: str) -> dict[str, Any]:
        city.settle()
        return next(r for r in city.rows(subject, "rounds", fields) if r["id"] == round_)

    city.done("office-clerk", "submitPlan", **plan, submittedOn=ago(9))
    for verb, given in (
        ("approvePlan", {"approvedOn": ago(10)}),
        ("returnPlan", {"returnedOn": ago(10), "reason": "x"}),
    ):
        refusal = city.refused("group-head", verb, round=round_, **given)
        assert (refusal["rule"], refusal["article"]) == ("plan_decided_after_submission", "11(1)")
        assert refusal["path"] in given
    city.done("group-head", "returnPlan", round=round_, returnedOn=ago(8), reason="对象不全")
    for subject in (DIRECTOR, "group-member"):
        assert row(subject) == {
            "id": round_,
            "status": "plan_returned",
            "submittedOn": ago(9),
            "approvedOn": None,
            "decision": None,
            "returnedOn": ago(8),
            "returnReason": {"text": "对象不全", "state": "readable"},
        }
    city.done("office-clerk", "submitPlan", **plan, submittedOn=ago(7))
    city.done("group-head", "approvePlan", round=round_, approvedOn=ago(7), decision="同意")
    for subject in (DIRECTOR, "group-member"):
        found = row(subject)
        assert (found["status"], found["submittedOn"], found["approvedOn"]) == ("plan_approved", ago(7), ago(7))
        assert found["decision"] == {"text": "同意", "state": "readable"}
        assert (found["returnedOn"], found["returnReason"]) == (None, None), "that was of the plan before"


def test_a_mandate_shows_what_was_decided_of_it_and_when(city: Any) -> None:
    """Art. 5: for which matters, from which body; of a leader whether the leading post was given up."""
    ids, ago = city.ids, city.ago
    member = city.done(
        "group-head",
        "grantMandate",
        round=ids["round"],
        team=ids["town/team"],
        person=ids["nobody-in-particular"],
        duty="member",
        units=[ids["town"]],
        fromOn=ago(0),
        untilOn=ago(-30),
        decidedOn=ago(1),
        matters="查账",
        homeBody=ids["bureau"],
    )
    city.settle()
    fields = "id decidedOn matters { text state } homeBody movedToNonLeadingPost reason { text state }"
    for subject in (DIRECTOR, "team-deputy"):
        found = {row.pop("id"): row for row in city.rows(subject, "mandates", fields)}
        nothing_said = {"matters": None, "homeBody": None, "reason": None}
        leader = {"decidedOn": ago(61), "movedToNonLeadingPost": True, **nothing_said}
        assert found[ids["team-leader/mandate"]] == leader
        assert found[member] == {
            "decidedOn": ago(1),
            "matters": {"text": "查账", "state": "readable"},
            "homeBody": ids["bureau"],
            "movedToNonLeadingPost": None,
            "reason": None,
        }
