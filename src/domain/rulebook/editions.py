"""规则版本：一地之规与他地不同之处，载为数据。 Editions: that by which one city's rules differ, as data.

An edition is read from TOML and checked whole before anything rests on it. Its codes are stored in the ledger
for ever; its text is itself a fact, stored when the edition is adopted.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field, StringConstraints, ValidationError

from domain.rulebook.calendars import (
    MISSING,
    EditionError,
    Fault,
    Frozen,
    Label,
    Language,
    Text,
    dotted,
    faults_of,
    read_toml,
    sha256,
    shown,
)
from domain.rulebook.counting import Period, Support, Unit

Code = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Article = Annotated[str, StringConstraints(strict=True)]
"""`16`, `11(6)`, or several separated by commas; checked against the edition's own list of articles."""
Flag = Annotated[bool, Field(strict=True)]
Whole = Annotated[int, Field(strict=True, ge=1, le=400)]
Date = Annotated[date, Field(strict=True)]
Strength = Literal["hard", "soft"]
V = TypeVar("V")


class Articles(Frozen):
    """The articles of the text: the last number, and how many numbered items an article has."""

    last: Whole
    items: dict[str, Whole]

    def has(self, reference: str) -> bool:
        """Whether the text has every article (and item) that a reference names."""
        return all(self._has_one(one.strip()) for one in reference.split(","))

    def _has_one(self, reference: str) -> bool:
        found = re.fullmatch(r"([1-9]\d{0,2})(?:\(([1-9]\d?)\))?", reference)
        if found is None or int(found[1]) > self.last:
            return False
        return found[2] is None or int(found[2]) <= self.items.get(found[1], 0)


class Grounds(Frozen):
    """What an entry rests on: the article and the grade of its support."""

    article: Article
    support: Support


class Entry(Grounds):
    """One coded entry of an edition with its names. The code is stored for ever."""

    code: Code
    zh: Text
    en: Text

    @property
    def label(self) -> Label:
        return Label(zh=self.zh, en=self.en)


E = TypeVar("E", bound=Entry)


class Interpreter(Grounds):
    """A body that may interpret the text, by its label.

    **Article** 31.
    """

    body: Code


class Deadline(Entry):
    """A period somebody owes something within.

    **Article** 11(6), 16, 17, 19, 28.
    **Units** as `unit` says; months are never days.
    **Shape** empty `applies_to`: for all classes of organs. `parts`: where several things are owed within one period,
    each by the name of its duty.
    """

    n: Whole
    unit: Unit
    trigger: Code
    owed_by: Code
    owed_to: Code
    applies_to: tuple[Code, ...] = ()
    parts: tuple[Entry, ...] = ()

    def named(self, duty: str) -> Entry:
        """The part of this name, or all of it."""
        return next((part for part in self.parts if part.code == duty), self)

    @property
    def period(self) -> Period:
        return Period(n=self.n, unit=self.unit)


class Guidance(Entry):
    """How long 及时 (promptly) is hoped to take: a hint, never shown as a breach.

    **Article** 14, 17, 18.
    **Units** as `unit` says.
    **Shape** `code` is one of `PROMPTLY`; only what a receiving organ does can be limited to classes of organs, and
    empty `applies_to` is for all.
    """

    n: Whole
    unit: Unit
    applies_to: tuple[Code, ...] = ()

    @property
    def period(self) -> Period:
        return Period(n=self.n, unit=self.unit)


class Power(Entry):
    """A power of a mandate: the articles it covers, what begins it, what must all have happened to end it.

    **Article** 5.
    """

    covers: tuple[Article, ...]
    begins: Literal["entry", "inspection_ended", "mandate_granted"]
    ends: tuple[Literal["entry", "inspection_ended", "feedback_given", "file_handed_over", "mandate_ended"], ...]


class Approval(Entry):
    """Who approves or decides an act: one of the three bodies that have such a part."""

    by: Literal["party_committee", "leading_group", "office"]


class Way(Entry):
    """A way of working or a form of assignment, and whether it needs a decision to be cited.

    **Article** 10, 12.
    """

    needs_decision: Flag


class Category(Entry):
    """A category of problems with its sub-items.

    **Article** 9.
    """

    items: tuple[Entry, ...]


class Routes(Grounds):
    """Classes of organs something may go to.

    **Article** 15.
    """

    routes: tuple[Code, ...]


class DisposalClass(Entry):
    """A class of disposal and the classes of organs it may be transferred to.

    **Article** 17.
    """

    routes: Annotated[tuple[Code, ...], Field(min_length=1)]


class Occasion(Entry):
    """An occasion of a delivery: who may make it, and who is delivered to.

    **Article** 11(4), 11(5), 12(12), 18, 20, 22, 29.
    `to`: staff of a team, persons of an organ (of one of `organ_classes`), the group's heads, city leaders, or any
    persons. `answers` names the occasion a reply of this one is the answer to.
    **Shape** empty `organ_classes`: organs of every class.
    """

    by: Annotated[tuple[Literal["office", "team", "organ"], ...], Field(min_length=1)]
    to: Literal["team", "organ", "group_heads", "city_leaders", "persons"]
    organ_classes: tuple[Code, ...] = ()
    answers: Code | None = None


class Nomination(Grounds):
    """Classes of organs that nominate a team's leader, and that are consulted before.

    **Article** 5.
    """

    by: Annotated[tuple[Code, ...], Field(min_length=1)]
    consulted: Annotated[tuple[Code, ...], Field(min_length=1)]


class Parameter(Grounds, Generic[V]):
    """A value the rules take from the edition, with what it means in words."""

    value: V
    zh: Text
    en: Text
    strength: Strength = "hard"


class Parameters(Frozen):
    """The conventions and parameters. Where only one value is possible, the software knows no other."""

    timezone: Parameter[Literal["Asia/Shanghai"]]
    count_trigger_day: Parameter[Literal[False]]
    roll_months_to_working_day: Parameter[Flag]
    petitions_read_by_leader: Parameter[Literal["all", "class"]]
    office_sees_live_petitions: Parameter[Literal["status", "nothing"]]
    interview_minimum: Parameter[Whole]
    due_soon: Parameter[Whole]
    leader_from_non_leading_post: Parameter[Flag]
    unit_may_ask_for_recusal: Parameter[Flag]


class EditionFile(Frozen):
    """The shape of an edition's file, key by key."""

    id: Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9-]{0,59}$")]
    title: Label
    source: Text
    issued: Date
    in_force: Date
    articles: Articles
    legal_bases: tuple[Entry, ...]
    interpreters: tuple[Interpreter, ...]
    labels: tuple[Entry, ...]
    triggers: tuple[Entry, ...]
    deadlines: tuple[Deadline, ...]
    without_deadline: tuple[Code, ...]
    guidance: tuple[Guidance, ...]
    powers: tuple[Power, ...]
    approvals: tuple[Approval, ...]
    nomination: Nomination
    deliveries: tuple[Occasion, ...]
    unit_categories: tuple[Entry, ...]
    assignment_forms: tuple[Way, ...]
    special_focuses: tuple[Entry, ...]
    ways: tuple[Way, ...]
    duties: tuple[Entry, ...]
    meeting_items: tuple[Entry, ...]
    petition_handlings: tuple[Entry, ...]
    major_problems: tuple[Entry, ...]
    organ_classes: tuple[Entry, ...]
    disposal_classes: tuple[DisposalClass, ...]
    mid_inspection_routes: Routes
    handlings: tuple[Entry, ...]
    recusal_grounds: tuple[Entry, ...]
    staff_liability: tuple[Entry, ...]
    unit_liability: tuple[Entry, ...]
    liability_outcomes: tuple[Entry, ...]
    file_kinds: tuple[Entry, ...]
    problem_categories: tuple[Category, ...]
    parameters: Parameters


NEEDED: dict[str, tuple[str, ...]] = {
    "labels": (
        "inspection",
        "party_committee",
        "party_secretary",
        "leading_group",
        "group_head",
        "office",
        "team",
        "unit",
        "leadership_body",
        "head_of_unit",
        "discipline_commission",
        "organisation_department",
        "receiving_organ",
        "liaison_office",
        "round",
        "assignment",
        "mandate",
        "power",
        "work_plan",
        "team_plan",
        "notice",
        "announcement",
        "entry",
        "end_of_inspection",
        "team_affairs_meeting",
        "request_for_instructions",
        "report",
        "filing",
        "copying",
        "informing",
        "reading_and_instructing",
        "signing_off",
        "petition",
        "petition_instruction_form",
        "clue",
        "in_depth_inquiry",
        "disciplinary_review",
        "handling_suggestion",
        "inspection_report",
        "disposal",
        "transfer",
        "referral",
        "feedback",
        "rectification",
        "follow_up",
        "recusal",
        "near_relative",
        "archiving",
        "city_managed_cadre",
        "authority_to_manage",
        "major_decisions",
    ),
    "triggers": ("service_recorded",),
    "deadlines": (
        "notice_publication",
        "inspection_report",
        "transfer_answer",
        "rectification_report",
        "file_handover",
        "service_record",
    ),
    "powers": ("preparation", "on_site", "closing", "supervision"),
    "approvals": (
        "team",
        "mandate",
        "mandate_of_member",
        "work_plan",
        "other_way",
        "mid_inspection_transfer",
        "handling_suggestion",
        "disposal",
        "feedback",
        "rectification_item_extension",
        "recusal",
        "recusal_of_leader",
        "publication",
        "round_closing",
        "key_destruction",
    ),
    "deliveries": (
        "information_to_team",
        "inquiry_to_organ",
        "inquiry_answer",
        "assistance",
        "assistance_answer",
        "city_leaders_informed",
        "results_to_assessment",
        "results_to_organisation",
        "liaison",
        "report_to_group",
        "other",
    ),
    "duties": ("leader", "registrar", "member"),
    "ways": ("interview",),
    "meeting_items": ("in_depth_inquiry", "matter_to_report"),
    "petition_handlings": ("clue", "passed_to_organ"),
    "assignment_forms": ("regular", "special"),
}
"""Codes the rules ask for by name, so that an edition without them is refused on load and not in use."""


CLUE_TO_OFFICE, HANDLING_PROPOSED, FEEDBACK_GIVEN = "clue_to_office", "handling_proposed", "feedback_given"
PROMPTLY = (CLUE_TO_OFFICE, HANDLING_PROPOSED, FEEDBACK_GIVEN)
"""What the text wants done promptly, without a number, and the program counts a hoped-for day for: a grave clue to the
office (Art. 14), the receiver's handling proposed (17), the approved feedback given (18)."""


class Edition(EditionFile):
    """An edition in use: the file's content, its text and the text's digest.

    **Article** 1, 31, 32; a round pins the edition in force when it was decided.
    """

    text: str
    digest: str

    def deadline(self, code: str, applies_to: str | None = None) -> Deadline | None:
        """The deadline of this code, or None where the text sets none for that class of organ."""
        return next(
            (d for d in self.deadlines if d.code == code and applies_to in (d.applies_to or (applies_to,))),
            None,
        )

    def promptly(self, code: str, applies_to: str | None = None) -> Guidance | None:
        """How long this is hoped to take, or None where the edition gives no guidance for that class of organ."""
        return next(
            (g for g in self.guidance if g.code == code and applies_to in (g.applies_to or (applies_to,))),
            None,
        )

    def label(self, code: str, language: Language) -> str:
        """What a body or an act is called here.

        **Raises** `KeyError` for a code the edition does not name.
        """
        return self.entry("labels", code).label.text(language)

    def routes(self, disposal_class: str) -> tuple[str, ...]:
        """Classes of organs a class of disposal may be transferred to.

        **Article** 17; authority over the cadre decides within them.
        **Raises** `KeyError` for an unknown class.
        """
        return _by_code(self.disposal_classes, disposal_class, f"{self.id}: disposal_classes").routes

    def approver(self, act: str) -> Literal["party_committee", "leading_group", "office"]:
        """The body that approves or decides an act.

        **Raises** `KeyError` for an act the edition does not name.
        """
        return _by_code(self.approvals, act, f"{self.id}: approvals").by

    def occasion(self, code: str) -> Occasion:
        """An occasion of a delivery by its code.

        **Raises** `KeyError` for an occasion the edition does not name.
        """
        return _by_code(self.deliveries, code, f"{self.id}: deliveries")

    def power(self, code: str) -> Power:
        """A power of a mandate by its code.

        **Article** 5.
        **Raises** `KeyError` for a power the edition does not name.
        """
        return _by_code(self.powers, code, f"{self.id}: powers")

    def power_for(self, article: str) -> Power | None:
        """The power that covers an article, whole or by item, or None.

        **Article** 5.
        """
        whole = article.partition("(")[0]
        return next((p for p in self.powers if article in p.covers or whole in p.covers), None)

    def entry(self, section: str, code: str) -> Entry:
        """One entry of a section by its code; sub-items of problem categories as `category.item`.

        **Raises** `KeyError` where there is none.
        """
        first, _, second = code.partition(".")
        found: Entry = _by_code(getattr(self, section), first, f"{self.id}: {section}")
        if not second:
            return found
        return _by_code(found.items if isinstance(found, Category) else (), second, f"{self.id}: {section}.{first}")

    def codes(self, section: str) -> tuple[str, ...]:
        """All codes of a section, in the edition's order."""
        return tuple(found.code for found in getattr(self, section))


def _by_code(entries: Sequence[E], code: str, where: str) -> E:
    for entry in entries:
        if entry.code == code:
            return entry
    msg = f"{where}.{code}"
    raise KeyError(msg)


def parse_edition(text: str, source: str) -> Edition:
    """Read an edition from the text of its file.

    **Raises** `EditionError` naming file, key, value and what is expected, for all faults found at once.
    """
    raw = read_toml(text, source)
    faults: list[Fault] = []
    try:
        EditionFile.model_validate(raw)
    except ValidationError as error:
        faults += faults_of(error, raw, source)
    wrong_already = {fault.key for fault in faults}
    faults += [fault for fault in _cross_check(raw, source) if fault.key not in wrong_already]
    if faults:
        raise EditionError(faults)
    return Edition.model_validate({**raw, "text": text, "digest": sha256(text)})


# What one entry must agree on with another. These read the raw file, so that they report beside wrong shapes.


Place = tuple[str | int, ...]
MakeFault = Callable[[str, object, str, str], Fault]


def _cross_check(raw: dict[str, Any], source: str) -> Iterator[Fault]:
    def fault(key: str, value: object, zh: str, en: str) -> Fault:
        return Fault(file=source, key=key, value=shown(value), expected=Label(zh=zh, en=en))

    yield from _articles(raw, fault)
    yield from _duplicates(raw, fault)
    yield from _references(raw, fault)
    yield from _promptly(raw, fault)
    for section, needed in NEEDED.items():
        if isinstance(raw.get(section), list):
            for code in sorted(set(needed) - _codes(raw, section) - _without(raw, section)):
                yield Fault(file=source, key=f"{section}.{code}", value=MISSING, expected=_NEEDED)
    issued, in_force = raw.get("issued"), raw.get("in_force")
    if type(issued) is date and type(in_force) is date and in_force < issued:
        yield fault("in_force", in_force, "不早于发布日期的日期", "a date not before the day of issue")


_NEEDED = Label(zh="此条目；规则按名取用", en="this entry, which the rules ask for by name")
_ARTICLE = Label(zh="本办法已有的条、项，如 16 或 11(6)", en="an article the text has, such as 16 or 11(6)")


def _without(raw: dict[str, Any], section: str) -> set[str]:
    """Deadlines the edition says the text does not set: stated, lest a misspelt code pass for that."""
    stated = raw.get("without_deadline") if section == "deadlines" else None
    return {code for code in stated if isinstance(code, str)} if isinstance(stated, list) else set()


def _articles(raw: dict[str, Any], fault: MakeFault) -> Iterator[Fault]:
    """Every article named is one the text has."""
    try:
        articles = Articles.model_validate(raw.get("articles"))
    except ValidationError:
        return
    for number in articles.items:
        if not articles.has(number):
            yield fault(f"articles.items.{number}", number, _ARTICLE.zh, _ARTICLE.en)
    for path, table in _tables(raw):
        covers = table.get("covers")
        cited: list[tuple[Place, object]] = [(("article",), table.get("article"))]
        cited += [(("covers", i), one) for i, one in enumerate(covers if isinstance(covers, list) else ())]
        for place, value in cited:
            if isinstance(value, str) and not articles.has(value):
                yield fault(dotted(raw, (*path, *place)), value, _ARTICLE.zh, _ARTICLE.en)


def _duplicates(raw: dict[str, Any], fault: MakeFault) -> Iterator[Fault]:
    """A code stands once in its list; a deadline once for each class of organ."""
    once = ("未用过的代码", "a code not used before in this list")
    for path, entries in _lists(raw):
        seen: list[tuple[str, frozenset[str]]] = []
        for entry in entries:
            code = entry.get("code", entry.get("body"))
            if not isinstance(code, str):
                continue
            limited = entry.get("applies_to") if path in (("deadlines",), ("guidance",)) else None
            classes = frozenset(str(c) for c in limited) if isinstance(limited, list) else frozenset()
            if any(code == other and (classes & theirs or not (classes and theirs)) for other, theirs in seen):
                yield fault(f"{dotted(raw, path)}.{code}.code", code, *once)
            seen.append((code, classes))


def _references(raw: dict[str, Any], fault: MakeFault) -> Iterator[Fault]:
    """Every code that points to another list finds its entry there."""
    for section, key, target in (
        ("interpreters", "body", "labels"),
        ("deadlines", "trigger", "triggers"),
        ("deadlines", "owed_by", "labels"),
        ("deadlines", "owed_to", "labels"),
        ("deadlines", "applies_to", "organ_classes"),
        ("guidance", "applies_to", "organ_classes"),
        ("disposal_classes", "routes", "organ_classes"),
        ("mid_inspection_routes", "routes", "organ_classes"),
        ("nomination", "by", "organ_classes"),
        ("nomination", "consulted", "organ_classes"),
        ("deliveries", "organ_classes", "organ_classes"),
        ("deliveries", "answers", "deliveries"),
    ):
        known = _codes(raw, target)
        held = raw.get(section)
        for i, entry in enumerate(held if isinstance(held, list) else [held]):
            if not isinstance(entry, dict):
                continue
            value = entry.get(key)
            path: Place = (section, i, key) if isinstance(held, list) else (section, key)
            for j, code in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(code, str) and code not in known:
                    place = dotted(raw, (*path, j) if isinstance(value, list) else path)
                    yield fault(place, code, f"{target} 中已有的代码", f"a code that stands in {target}")


def _promptly(raw: dict[str, Any], fault: MakeFault) -> Iterator[Fault]:
    """Guidance is for what the program counts a hoped-for day for; a class of organs only where an organ acts."""
    held = raw.get("guidance")
    for i, entry in enumerate(held if isinstance(held, list) else ()):
        code = entry.get("code") if isinstance(entry, dict) else None
        if not isinstance(code, str):
            continue
        if code not in PROMPTLY:
            known = f"{PROMPTLY[0]}、{PROMPTLY[1]}、{PROMPTLY[2]} 之一", f"one of {', '.join(PROMPTLY)}"
            yield fault(dotted(raw, ("guidance", i, "code")), code, *known)
        elif code != HANDLING_PROPOSED and entry.get("applies_to"):
            none = "不写（此项不由接收单位办理）", "left out: no receiving organ does this"
            yield fault(dotted(raw, ("guidance", i, "applies_to")), entry["applies_to"], *none)


def _codes(raw: dict[str, Any], section: str) -> set[str]:
    held = raw.get(section)
    entries = held if isinstance(held, list) else []
    return {e["code"] for e in entries if isinstance(e, dict) and isinstance(e.get("code"), str)}


def _tables(node: object, path: Place = ()) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Every table of the file with the path to it."""
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from _tables(value, (*path, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _tables(value, (*path, i))


def _lists(node: object, path: Place = ()) -> Iterator[tuple[Place, list[dict[str, Any]]]]:
    """Every list of tables of the file with the path to it."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _lists(value, (*path, key))
    elif isinstance(node, list):
        tables = [value for value in node if isinstance(value, dict)]
        if tables:
            yield path, tables
        for i, value in enumerate(node):
            yield from _lists(value, (*path, i))
