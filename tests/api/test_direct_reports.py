"""Direct reports: the same round without one and with three. Until they are released every byte that office, leading
group, unit, organ and the rest of the team can get is the same (Art. 14, promises.md §4).

Both worlds run as the real processes. Ids are the same because command ids are; days are given. Only the wall clock's
values, and the ids of the steps of each ledger's opening, are blotted out.
"""

import json
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from graphql import get_named_type
from tests.api.asking import shape

from api.app import SCHEMAS

SOURCES = Path(__file__).resolve().parents[2] / "src"
NAMESPACE = UUID("0c6f2b54-3a1c-5b0e-9d77-51c8f0f3a2d4")
DIRECTOR = "office-director"
PEOPLE = (
    *("office-clerk", "party-secretary", "group-head", "group-deputy", "group-member", "team-leader", "team-deputy"),
    *("team-registrar", "team-member", "other-leader", "town-head", "bureau-head", "discipline-contact"),
)
OTHERS = {
    DIRECTOR: "office",
    "office-clerk": "office",
    "party-secretary": "leading-group",
    "group-deputy": "leading-group",
    "group-member": "leading-group",
    "team-deputy": "team",
    "team-registrar": "team",
    "team-member": "team",
    "other-leader": "team",
    "town-head": "unit",
    "discipline-contact": "organ",
}
"""Everybody but the leader and the addressee."""
CLOCK = re.compile(rb'("(?:recordedAt|at)":")([^"]+)(")')
OPENING = re.compile(rb'("id":")([0-9a-f-]{36})(","kind":"[^"]+","doer":"system:)')
"""The steps of each ledger's own opening, which no command of anybody made."""
HOW_HANDLED = {"way", "organ", "account", "handledOn", "clue", "transfer"}
"""Of a petition its team sees how it was handled; nobody sees that of one that became a restricted clue."""

Answers = dict[str, Any]


def build(city: Any, *, direct: bool) -> dict[str, str]:
    """A world: all that others are concerned with is the same. Returns the ids they must not know of.

    One clue comes from a petition, which in the other world the leader answered himself; one is restricted from the
    start; one the office and the deputy knew of until it was reported directly.
    """
    city.found(*PEOPLE)
    city.begin()
    ids, ago = city.ids, city.ago
    for n in range(3):
        ids[f"p{n}"] = city.petition(n)
        city.instruct(ids[f"p{n}"], "team-leader" if n == 1 else "team-member")
    ids["transfer"] = city.transfer(city.clue(ids["p0"]))
    handled = str(uuid5(NAMESPACE, "handled"))
    if not direct:
        given = {"petition": ids["p1"], "way": "answered", "account": "已答复", "handledOn": ago(35)}
        city.done("team-leader", "handlePetition", client_id=handled, **given)
        city.settle()
        return {}
    common = {
        "inspection": ids["town/inspection"],
        "category": "organisational_discipline",
        "managed": "city",
        "firstKnownOn": ago(36),
        "registeredOn": ago(35),
        "text": "线索原文",
        "summary": "线索摘要",
    }
    first = city.done(
        "team-leader", "registerClue", client_id=handled, petitions=[ids["p1"]], restricted=True, **common
    )
    second = city.done("team-leader", "registerClue", restricted=True, majorProblem="unity", **common)
    third = city.done("team-leader", "registerClue", **common)
    for clue, named in ((first, []), (second, []), (third, [])):
        report(city, clue, named)
    city.settle()
    return {"first": first, "second": second, "third": third}


def report(city: Any, clue: str, named: list[str]) -> None:
    city.done(
        "team-leader",
        "reportDirectly",
        clue=clue,
        addressee=city.ids["group-head"],
        specialCircumstances="涉及巡查办人员",
        report="直接报告的内容",
        named=named,
        reportedOn=city.ago(30),
    )


class Everybody:
    """All but those who may know, asking for all there is, and for what there is not. Keeps every byte."""

    def __init__(self, city: Any, salt: str = "", only: frozenset[str] = frozenset(OTHERS)) -> None:
        self.city, self.salt, self.only = city, salt, only
        self.answers: Answers = {}

    def keep(self, name: str, answer: Any) -> None:
        assert name not in self.answers, name
        body = answer.body
        for blotted in (CLOCK, OPENING):
            body = blotted.sub(lambda m: m[1] + b"#" * len(m[2]) + m[3], body)
        self.answers[name] = (answer.status, answer.headers, body)

    def graphql(self, name: str, subject: str, query: str, variables: Any = None) -> None:
        self.keep(name, self.city.post(subject, {"query": query, "variables": variables}, OTHERS[subject]))

    def ask_all(self, hidden: dict[str, str]) -> Answers:
        self.lists(hidden, "")
        self.acts(hidden)
        self.city.settle()
        self.lists(hidden, "after the acts: ")
        for page in ("healthz", "readyz"):
            self.keep(page, self.city.send("GET", f"/{page}"))
        return self.answers

    def lists(self, hidden: dict[str, str], when: str) -> None:
        for subject, audience in ((s, a) for s, a in OTHERS.items() if s in self.only):
            for view, field in SCHEMAS[audience][1]._schema.query_type.fields.items():
                if view in ("me", "codes"):
                    continue
                row = get_named_type(get_named_type(field.type).fields["items"].type)
                left_out = HOW_HANDLED if (audience, view) == ("team", "petitions") else set()
                asked = [
                    f"{view}(first: 100) {{ items {shape(row, left_out)} next }}",
                    f"one: {view}(first: 1) {{ next }}",
                ]
                asked += [
                    f'{name}: {view}(where: {{id: "{id_}"}}) {{ items {{ id }} next }}' for name, id_ in hidden.items()
                ]
                self.graphql(f"{when}{subject}: {view}", subject, f"{{ {' '.join(asked)} }}")

    def acts(self, hidden: dict[str, str]) -> None:
        ids, day = self.city.ids, self.city.ago(5)
        nobodys = {"nobody's": "clue:00000000-0000-4000-8000-000000000000"}
        organ = {"organ": ids["discipline"]}
        chosen = {**organ, "disposalClass": "cadre_discipline"}
        paper = {"paperReference": "x"}
        for name, clue in {**hidden, **nobodys}.items():
            asked: tuple[tuple[str, str, dict[str, Any], str | None], ...] = (
                (DIRECTOR, "proposeDisposal", {"item": clue, **chosen, "paper": "x", "reason": "x",
                                               "proposedOn": day}, None),
                (DIRECTOR, "transferItem", {"item": clue, "recipients": [ids["discipline-contact"]], "material": "x",
                                            "transferredOn": day}, None),
                (DIRECTOR, "decideDisposal", {"item": clue, **chosen, "decidedOn": day}, "group-head"),
                (DIRECTOR, "decideEarlyTransfer", {"clue": clue, "approved": True, "decidedOn": day}, None),
                (DIRECTOR, "proposeEarlyTransfer", {"clue": clue, **organ, "reason": "x", "proposedOn": day},
                 "team-leader"),
                ("group-deputy", "decideDisposal", {"item": clue, **chosen, "decidedOn": day}, None),
                *(
                    (subject, verb, {"clue": clue, **given}, None)
                    for subject in ("party-secretary", "group-deputy", "group-member")
                    for verb, given in (
                        ("nameToKnow", {"persons": [ids["group-member"]], "namedOn": day}),
                        ("releaseClue", {"releasedOn": day}),
                    )
                ),
                *(
                    (subject, verb, {"clue": clue, **given}, None)
                    for subject in ("team-deputy", "team-registrar", "team-member", "other-leader")
                    for verb, given in (
                        ("reportClue", {"report": "x", "reportedOn": day}),
                        ("reportDirectly", {"addressee": ids["party-secretary"], "specialCircumstances": "x",
                                            "report": "x", "reportedOn": day}),
                        ("proposeEarlyTransfer", {**organ, "reason": "x", "proposedOn": day}),
                    )
                ),
            )  # fmt: skip
            for subject, verb, given, doer in (one for one in asked if one[0] in self.only):
                circumstances = {**paper, "doer": ids[doer]} if doer else None
                client = str(uuid5(NAMESPACE, f"{self.salt}|{subject}|{verb}|{name}"))
                answer = self.city.do(subject, verb, client_id=client, circumstances=circumstances, **given)
                self.keep(f"{subject} {verb} {name}", answer)
        urged = {"transfer": ids["transfer"], "note": "请及时办理", "urgedOn": day}
        self.keep("urge", self.city.do(DIRECTOR, "urgeAnswer", once_more=self.salt, **urged))
        token = str(uuid5(NAMESPACE, "handled"))
        self.graphql("after the leader's token", DIRECTOR, f'{{ clues(after: "{token}") {{ next }} }}')


class Worlds:
    """Two worlds, and all that was asked of both."""

    def __init__(self, without: Any, with_direct: Any) -> None:
        self.direct = with_direct
        with ThreadPoolExecutor(2) as both:
            none = both.submit(build, without.city, direct=False)
            some = both.submit(build, with_direct.city, direct=True)
            assert none.result() == {}
            self.hidden = some.result()
            first = both.submit(Everybody(without.city).ask_all, self.hidden)
            second = both.submit(Everybody(with_direct.city).ask_all, self.hidden)
            self.without, self.with_direct = first.result(), second.result()


@pytest.fixture(scope="module")
def worlds(start_processes: Any, make_database: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    """Each with its own database and processes, and one identity provider for both."""
    folder = tmp_path_factory.mktemp("direct-reports")
    with ExitStack() as undo:
        none, some = (undo.enter_context(make_database(folder / name / "home")) for name in ("none", "some"))
        first = undo.enter_context(start_processes(none, folder / "none"))
        second = undo.enter_context(start_processes(some, folder / "some", issuer=first.city.issuer))
        yield Worlds(first, second)


def differing(one: Answers, other: Answers) -> set[str]:
    assert list(one) == list(other)
    return {name for name in one if one[name] != other[name]}


def body(answer: Any) -> Any:
    return json.loads(answer[2])


def test_every_byte_others_can_get_is_the_same_without_a_direct_report_and_with_three(worlds: Worlds) -> None:
    """Art. 14: the office sees nothing, not even a count, until it is released; nor do others."""
    assert len(worlds.without) > 200
    assert differing(worlds.without, worlds.with_direct) == set()


def test_what_is_kept_for_a_direct_report_answers_like_what_is_not_there(worlds: Worlds) -> None:
    """promises.md §4: NOT_FOUND, byte for byte."""
    answers = worlds.with_direct
    asked = [name.removesuffix(" nobody's") for name in answers if name.endswith(" nobody's")]
    assert len(asked) > 20
    for name in asked:
        for which in worlds.hidden:
            assert answers[f"{name} {which}"] == answers[f"{name} nobody's"], name


def test_the_others_did_get_what_they_may_see(worlds: Worlds) -> None:
    """promises.md §4: an empty answer would be the same in both worlds too."""
    answers = worlds.with_direct
    clues = body(answers[f"{DIRECTOR}: clues"])["data"]["clues"]["items"]
    assert [c["status"] for c in clues] == ["transferred"]
    petitions = body(answers[f"{DIRECTOR}: petitions"])["data"]["petitions"]["items"]
    assert [p["status"] for p in petitions] == ["handled", "handled", "instructed"]
    assert body(answers["urge"])["data"]["done"]["id"] == worlds.direct.city.ids["transfer"]
    assert len(body(answers["team-member: clues"])["data"]["clues"]["items"]) == 1


LEAKS = {
    "projections/office.py": (
        ("case ClueRegistered() if not fact.restricted:", "case ClueRegistered():"),
        ("        case ClueReportedDirectly():\n            return None\n", ""),
        ('clue_key, clues, ("round", "unit", "status"))', 'clue_key, clues, ("round", "unit", "status"), version=99)'),
    ),
    "projections/teams.py": (
        ("duties = (Duty.LEADER,) if fact.restricted else", "duties ="),
        ("readers=_at_work(fact.inspection, Duty.LEADER, *fact.named),", ""),
        ('clue_key, clues, ("inspection", "status"), version=3)', 'clue_key, clues, ("inspection",), version=99)'),
    ),
    "application/clues.py": (
        ("    if clue.restricted:\n        raise NotFound", "    if False:\n        raise NotFound"),
    ),
}
"""Small mistakes: views that forget that a clue is restricted, an item found before its release."""


def test_the_comparison_sees_a_leak_in_a_row_and_in_a_refusal(
    worlds: Worlds, start_processes: Any, tmp_path: Path
) -> None:
    """promises.md: every check has been seen to fail. The same is asked of a copy with mistakes in it."""
    copy = tmp_path / "src"
    shutil.copytree(SOURCES, copy)  # what is compiled too: only what is changed is compiled anew
    for name, changes in LEAKS.items():
        text = (copy / name).read_text(encoding="utf-8")
        for good, bad in changes:
            assert good in text, (name, good)
            text = text.replace(good, bad)
        (copy / name).write_text(text, encoding="utf-8")
    direct = worlds.direct
    direct.stop()
    with start_processes(direct.database, tmp_path / "leaking", sources=copy, issuer=direct.city.issuer) as leaking:
        leaking.city.ids = direct.city.ids
        only = frozenset({DIRECTOR, "team-deputy", "town-head"})
        answers = Everybody(leaking.city, "again", only).ask_all(worlds.hidden)
    found = differing({name: worlds.without[name] for name in answers}, answers)
    assert f"{DIRECTOR}: clues" in found
    assert body(answers[f"{DIRECTOR}: clues"])["data"]["third"]["items"]
    assert body(worlds.without[f"{DIRECTOR}: clues"])["data"]["third"]["items"] == []
    assert "team-deputy: clues" in found
    assert f"{DIRECTOR} proposeDisposal first" in found
    assert f"{DIRECTOR}: petitions" not in found
    assert "town-head: inspections" not in found


# --- those who know, and after the release ---------------------------------------------------------------------------

FIELDS = (
    "id status reportedTo named specialCircumstances { text } report { text } summary { text } firstKnownOn reportedOn"
    " releasedOn instruction { text } steps { kind doer }"
)


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """A city with one direct report."""
    c = application.city
    c.found(*PEOPLE)
    c.begin()
    c.ids["p"] = c.petition(1)
    c.instruct(c.ids["p"], "team-leader")
    c.ids["clue"] = c.done(
        "team-leader",
        "registerClue",
        inspection=c.ids["town/inspection"],
        petitions=[c.ids["p"]],
        category="organisational_discipline",
        managed="city",
        restricted=True,
        firstKnownOn=c.ago(36),
        registeredOn=c.ago(35),
        text="线索原文",
        summary="线索摘要",
    )
    return c


def sees(city: Any, subject: str, view: str) -> bool:
    return city.ids["clue"] in {row["id"] for row in city.rows(subject, view)}


def test_a_member_keeps_no_clue_for_a_direct_report_and_reports_none(city: Any) -> None:
    """Art. 6(2), 14: a restricted clue is the leader's or the deputy's; the report is the leader's personally."""
    ids = city.ids
    common = {"inspection": ids["town/inspection"], "category": "organisational_discipline", "managed": "city"}
    days = {"firstKnownOn": city.ago(36), "registeredOn": city.ago(35)}
    no = city.refused("team-member", "registerClue", restricted=True, text="x", summary="x", **common, **days)
    assert (no["rule"], no["path"]) == ("restricted_by_leader_or_deputy", "restricted")
    no = city.refused("team-leader", "registerClue", majorProblem="weather", text="x", summary="x", **common, **days)
    assert (no["code"], no["path"]) == ("ILL_FORMED", "majorProblem")
    special = {"addressee": ids["group-head"], "specialCircumstances": "x", "report": "x", "reportedOn": city.ago(31)}
    open_clue = city.done("team-member", "registerClue", text="x", summary="x", **common, **days)
    no = city.refused("team-deputy", "reportDirectly", clue=open_clue, **special)
    assert no["rule"] == "reported_by_the_leader"
    for subject in ("team-registrar", "team-member"):
        assert city.refused(subject, "reportDirectly", clue=open_clue, **special)["code"] == "NOT_FOUND"


def test_it_goes_to_those_the_article_names_and_whom_it_does_not_concern(city: Any) -> None:
    """Art. 14: to a head of the group or the party secretary, and the office is not let know."""
    ids = city.ids
    special = {"clue": ids["clue"], "specialCircumstances": "x", "report": "x", "reportedOn": city.ago(31)}
    for addressee in ("group-member", DIRECTOR, "team-deputy"):
        no = city.refused("team-leader", "reportDirectly", addressee=ids[addressee], **special)
        assert no["rule"] == "direct_report_to_who_may", addressee
    for named in (DIRECTOR, "town-head", "other-leader"):
        no = city.refused("team-leader", "reportDirectly", addressee=ids["group-head"], named=[ids[named]], **special)
        assert no["rule"] == "known_to_group_and_team_only", named
    no = city.refused("team-leader", "reportClue", clue=ids["clue"], report="x", reportedOn=city.ago(31))
    assert no["rule"] == "restricted_reported_directly"


def test_leader_addressee_and_those_named_see_it_and_nobody_else(city: Any) -> None:
    """Art. 14: from the day they are named; whoever does not know of it cannot name."""
    ids = city.ids
    city.settle()
    assert sees(city, "team-leader", "clues")
    assert not sees(city, "team-deputy", "clues")
    report(city, ids["clue"], [])
    city.settle()
    assert sees(city, "group-head", "directReports")
    for subject in ("group-deputy", "group-member", "party-secretary"):
        assert not sees(city, subject, "directReports"), subject
    row = city.rows("group-head", "directReports", FIELDS)[0]
    assert row["report"]["text"] == "直接报告的内容"
    assert row["summary"]["text"] == "线索摘要"
    assert (row["firstKnownOn"], row["reportedOn"], row["status"]) == (city.ago(36), city.ago(30), "restricted")
    assert [step["kind"] for step in row["steps"]] == ["clue.reported-directly.v1"]
    naming = {"clue": ids["clue"], "namedOn": city.ago(29)}
    no = city.refused("group-deputy", "nameToKnow", persons=[ids["group-deputy"]], **naming)
    assert no["code"] == "NOT_FOUND"
    no = city.refused("group-head", "nameToKnow", persons=[ids["office-clerk"]], **naming)
    assert no["rule"] == "known_to_group_and_team_only"
    city.done("group-head", "nameToKnow", persons=[ids["group-member"], ids["team-deputy"]], **naming)
    city.settle()
    assert sees(city, "group-member", "directReports")
    assert sees(city, "team-deputy", "clues")
    for subject, view in (("group-deputy", "directReports"), ("team-registrar", "clues"), ("team-member", "clues")):
        assert not sees(city, subject, view), subject
    no = city.refused("group-member", "releaseClue", clue=ids["clue"], releasedOn=city.ago(28))
    assert no["rule"] == "decided_by_its_addressee"
    for view in ("clues", "disposals", "transfers", "earlyTransfers"):
        assert not sees(city, DIRECTOR, view), view


def test_the_petition_it_came_from_shows_that_it_was_handled_and_no_more(city: Any) -> None:
    """Art. 13, 14: neither to the office nor to the team."""
    row = city.rows("team-registrar", "petitions", "id status way clue account { text } handledOn")[0]
    assert row == {
        "id": city.ids["p"], "status": "handled", "way": None, "clue": None, "account": None, "handledOn": city.ago(35)
    }  # fmt: skip
    assert city.rows(DIRECTOR, "petitions", "id status") == [{"id": city.ids["p"], "status": "handled"}]


def test_once_released_the_office_goes_on_with_it_like_any_other(city: Any) -> None:
    """Art. 14, 17: from the release on, and not before: what makes it special stays with its addressee."""
    ids = city.ids
    released = {"clue": ids["clue"], "instruction": "请巡查办按程序办理", "releasedOn": city.ago(29)}
    city.done("group-head", "releaseClue", **released)
    no = city.refused("group-head", "releaseClue", once_more="again", **released)
    assert no["rule"] == "direct_report_awaits_its_addressee"
    city.settle()
    fields = (
        "id status registeredOn firstKnownOn reportedOn releasedOn report { text } instruction { text } steps { kind }"
    )
    (row,) = [r for r in city.rows("office-clerk", "clues", fields) if r["id"] == ids["clue"]]
    assert (row["status"], row["report"]["text"]) == ("reported", "直接报告的内容")
    assert row["instruction"]["text"] == "请巡查办按程序办理"
    days = (row["registeredOn"], row["firstKnownOn"], row["reportedOn"], row["releasedOn"])
    assert days == (city.ago(35), city.ago(36), city.ago(30), city.ago(29))
    assert [step["kind"] for step in row["steps"]] == ["clue.released.v1"]
    assert sees(city, "team-deputy", "clues")
    assert not sees(city, "team-registrar", "clues")
    rows = city.rows("team-leader", "clues", "id specialCircumstances { text }")
    assert next(r for r in rows if r["id"] == ids["clue"])["specialCircumstances"] is None
    transfer = city.dispose(ids["clue"])
    city.settle()
    assert transfer in {r["id"] for r in city.rows("discipline-contact", "transfers")}
    assert sees(city, "group-deputy", "items")
    (row,) = city.rows("group-head", "directReports", FIELDS)
    assert (row["status"], row["releasedOn"]) == ("released", city.ago(29))
    assert row["specialCircumstances"]["text"] == "涉及巡查办人员"


def test_an_addressee_in_whose_own_unit_it_is_sees_nothing_of_it(city: Any) -> None:
    """Art. 3 (c), 14: rows are withheld from persons concerned; they cannot be addressed or named either."""
    ids = city.ids
    given = {
        "inspection": ids["town/inspection"],
        "category": "organisational_discipline",
        "managed": "city",
        "concerned": [ids["group-deputy"]],
        "firstKnownOn": city.ago(36),
        "registeredOn": city.ago(35),
        "text": "x",
        "summary": "x",
    }
    clue = city.done("team-leader", "registerClue", restricted=True, **given)
    special = {"clue": clue, "specialCircumstances": "x", "report": "x", "reportedOn": city.ago(31)}
    no = city.refused("team-leader", "reportDirectly", addressee=ids["group-deputy"], **special)
    assert no["rule"] == "direct_report_to_who_may"
    no = city.refused(
        "team-leader", "reportDirectly", addressee=ids["group-head"], named=[ids["group-deputy"]], **special
    )
    assert no["rule"] == "known_to_group_and_team_only"
    city.done("team-leader", "reportDirectly", addressee=ids["party-secretary"], **special)
    city.settle()
    assert clue in {r["id"] for r in city.rows("party-secretary", "directReports")}
    assert clue not in {r["id"] for r in city.rows("group-head", "directReports")}


def test_an_addressee_who_left_the_post_is_followed_by_another(city: Any) -> None:
    """Art. 14: the leader reports again; whoever had it sees it no more, and the office still nothing."""
    ids = city.ids
    given = {
        "addressee": ids["group-head"],
        "specialCircumstances": "另报",
        "report": "再次报告",
        "reportedOn": city.ago(0),
    }
    (row,) = city.rows("party-secretary", "directReports", "id status")
    again = {"clue": row["id"], **given}
    assert city.refused("team-leader", "reportDirectly", **again)["rule"] == "reported_once"
    post = {"person": ids["party-secretary"], "appointment": ids["party-secretary/post"], "endedOn": city.ago(1)}
    group = {"person": ids["party-secretary"], "body": ids["leading_group"], "post": "group_member"}
    city.done(DIRECTOR, "appoint", fromOn=city.ago(300), **group)
    city.done(DIRECTOR, "endAppointment", **post)
    assert city.rows("party-secretary", "directReports") == [], "a member of the group is no addressee"
    for verb, given in (("releaseClue", {"releasedOn": city.ago(0)}),
                        ("nameToKnow", {"persons": [ids["group-member"]], "namedOn": city.ago(0)})):  # fmt: skip
        assert city.refused("party-secretary", verb, clue=row["id"], **given)["code"] == "NOT_FOUND", verb
    city.done("team-leader", "reportDirectly", once_more="he left", **again)
    city.settle()
    rows = city.rows("group-head", "directReports", "id status reportedTo report { text } steps { kind }")
    (row,) = [r for r in rows if r["id"] == row["id"]]
    assert (row["status"], row["reportedTo"], row["report"]["text"]) == ("restricted", ids["group-head"], "再次报告")
    assert [step["kind"] for step in row["steps"]] == ["clue.reported-directly.v1"] * 2
    assert city.rows("party-secretary", "directReports") == []
    assert row["id"] not in {r["id"] for r in city.rows(DIRECTOR, "clues")}
    city.done("group-head", "releaseClue", clue=row["id"], releasedOn=city.ago(0))
    city.settle()
    assert row["id"] in {r["id"] for r in city.rows(DIRECTOR, "clues")}
