"""The edition: what the Yiwu file says, beside its articles, and what is said of a file that is wrong."""
# ruff: noqa: E501 - the table of wrong files reads better one to a line

import hashlib
import json
import re
from datetime import date
from pathlib import Path

import pytest
from tests.arrangements import edition_with_guidance

from domain.rulebook import calendars
from domain.rulebook.calendars import EditionError
from domain.rulebook.counting import Period
from domain.rulebook.editions import NEEDED, PROMPTLY, Category, Edition, EditionFile, Entry, Grounds, parse_edition

SHARED = Path(__file__).parents[3].parent / "shared"
TEXT = (Path(calendars.__file__).parent / "data" / "yiwu-2015.toml").read_text(encoding="utf-8")
YIWU = parse_edition(TEXT, "yiwu-2015.toml")


def test_the_edition_names_its_source_its_bases_and_its_interpreters() -> None:
    """Articles 1, 31 and 32."""
    assert (YIWU.id, YIWU.title.zh) == ("yiwu-2015", "义乌市巡查工作办法（试行）")
    assert (YIWU.issued, YIWU.in_force) == (date(2015, 9, 24), date(2015, 9, 24))
    assert len(YIWU.legal_bases) == 3
    assert [i.body for i in YIWU.interpreters] == ["discipline_commission", "organisation_department"]
    assert YIWU.text == TEXT
    assert YIWU.digest == hashlib.sha256(TEXT.encode()).hexdigest()


@pytest.mark.parametrize(
    ("code", "organ", "period", "article", "support"),
    [
        ("notice_publication", None, Period(n=3, unit="working_days"), "11(6)", "text"),
        ("inspection_report", None, Period(n=5, unit="working_days"), "16", "text"),
        ("transfer_answer", "discipline", Period(n=1, unit="months"), "17", "text"),
        ("transfer_answer", "organisation", Period(n=1, unit="months"), "17", "text"),
        ("rectification_report", None, Period(n=1, unit="months"), "19", "text"),
        ("file_handover", None, Period(n=1, unit="months"), "28", "text"),
        ("service_record", None, Period(n=3, unit="working_days"), "11(6), 17, 19", "convention"),
    ],
)
def test_a_deadline_has_its_period_its_article_and_its_support(
    code: str, organ: str | None, period: Period, article: str, support: str
) -> None:
    """Articles 11(6), 16, 17, 19 and 28."""
    found = YIWU.deadline(code, applies_to=organ)
    assert found is not None
    assert (found.period, found.article, found.support) == (period, article, support)


@pytest.mark.parametrize("organ", ["political_legal", "other", None])
def test_no_answer_is_owed_within_a_month_by_other_organs(organ: str | None) -> None:
    """Article 17 sets the month for discipline and organisation organs only."""
    assert YIWU.deadline("transfer_answer", applies_to=organ) is None


def test_a_deadline_for_all_applies_to_each_class_of_organ() -> None:
    """Article 16 makes no difference between organs."""
    assert YIWU.deadline("inspection_report", applies_to="discipline") == YIWU.deadline("inspection_report")
    assert YIWU.deadline("no_such_deadline") is None


@pytest.mark.parametrize(
    ("disposal_class", "organs"),
    [
        ("cadre_discipline", ("discipline",)),
        ("conduct", ("discipline",)),
        ("democratic_centralism", ("organisation",)),
        ("appointments", ("organisation",)),
        ("working_style", ("organisation",)),
        ("leadership_suggestion", ("organisation",)),
        ("other", ("discipline", "organisation", "political_legal", "other")),
    ],
)
def test_a_class_of_disposal_goes_where_the_article_sends_it(disposal_class: str, organs: tuple[str, ...]) -> None:
    """Article 17(1) to (3)."""
    assert YIWU.routes(disposal_class) == organs


def test_a_clue_of_the_unit_s_own_cadres_goes_to_two_classes_of_organs() -> None:
    """Article 15."""
    assert YIWU.mid_inspection_routes.routes == ("discipline", "political_legal")


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("work_plan", "leading_group"),
        ("team", "leading_group"),
        ("mandate", "party_committee"),
        ("mandate_of_member", "leading_group"),
        ("disposal", "leading_group"),
        ("mid_inspection_transfer", "office"),
        ("feedback", "office"),
        ("recusal", "office"),
        ("recusal_of_leader", "party_committee"),
        ("rectification_item_extension", "office"),
        ("publication", "office"),
        ("round_closing", "leading_group"),
        ("key_destruction", "office"),
    ],
)
def test_an_act_is_approved_by_the_body_named(act: str, body: str) -> None:
    """Articles 3, 5, 11(1), 15, 17, 18, 19, 21, 23 and 28."""
    assert YIWU.approver(act) == body


@pytest.mark.parametrize(
    ("article", "power"),
    [
        ("12", "on_site"),
        ("12(2)", "on_site"),
        ("13", "on_site"),
        ("15", "on_site"),
        ("14", "closing"),
        ("16", "closing"),
        ("28", "closing"),
        ("20", "supervision"),
        ("1", None),
        ("2", None),
    ],
)
def test_a_power_covers_its_articles(article: str, power: str | None) -> None:
    """Article 5: one mandate for one matter."""
    found = YIWU.power_for(article)
    assert (found.code if found else None) == power


def test_a_power_says_when_it_begins_and_what_must_have_happened_to_end_it() -> None:
    """Article 5 (c)."""
    closing = YIWU.power("closing")
    assert (closing.begins, closing.ends) == ("entry", ("feedback_given", "file_handed_over"))
    with pytest.raises(KeyError):
        YIWU.power("no_such")


@pytest.mark.parametrize("article", ["13", "14", "16", "17", "18", "28"])
def test_the_closing_power_covers_the_petitions_that_came_in_as_well(article: str) -> None:
    """Articles 5, 13: what came in is dealt with to its end; what is on site alone stays so."""
    assert article in YIWU.power("closing").covers
    assert {"12", "15"} & set(YIWU.power("closing").covers) == set()


def test_bodies_and_acts_are_called_by_this_city_s_words() -> None:
    """Labels come from the edition: 巡查 here, 巡察 or 巡视 elsewhere."""
    assert YIWU.label("inspection", "zh") == "巡查"
    assert YIWU.label("team", "zh") == "巡查组"
    assert YIWU.label("team", "en") == "team"
    with pytest.raises(KeyError, match=r"yiwu-2015: labels\.no_such"):
        YIWU.label("no_such", "zh")


@pytest.mark.parametrize(
    ("section", "number"),
    [
        ("problem_categories", 5),
        ("unit_categories", 9),
        ("ways", 13),
        ("recusal_grounds", 3),
        ("handlings", 4),
        ("organ_classes", 4),
        ("staff_liability", 7),
        ("unit_liability", 6),
        ("special_focuses", 4),
        ("file_kinds", 9),
        ("petition_handlings", 6),
        ("liability_outcomes", 4),
        ("guidance", 0),
    ],
)
def test_a_list_is_as_long_as_the_article_s(section: str, number: int) -> None:
    """Articles 8, 9, 10, 12, 13, 15, 17, 23, 24, 25 and 28 (with "other" where the list is open)."""
    assert len(YIWU.codes(section)) == number


def test_a_sub_item_is_found_under_its_category() -> None:
    """Article 9."""
    assert YIWU.entry("problem_categories", "organisational_discipline.office_bought_and_sold").zh == "买官卖官"
    with pytest.raises(KeyError):
        YIWU.entry("problem_categories", "integrity_discipline.office_bought_and_sold")


def test_parameters_hold_what_the_text_leaves_open() -> None:
    """Articles 5, 6(3), 12(2), 13 and 23, and the ways of counting time."""
    p = YIWU.parameters
    assert (p.timezone.value, p.count_trigger_day.value) == ("Asia/Shanghai", False)
    assert p.roll_months_to_working_day.value is True
    assert (p.petitions_read_by_leader.value, p.office_sees_live_petitions.value) == ("all", "status")
    assert (p.interview_minimum.value, p.interview_minimum.strength) == (2, "soft")
    assert p.leader_from_non_leading_post.strength == "soft"
    assert p.unit_may_ask_for_recusal.value is False
    assert p.roll_months_to_working_day.support == "convention"
    assert p.interview_minimum.support == "text"


CODES = {
    "unit_categories": "town_or_street party_or_government_organ public_institution "
    "public_institution_unsubsidised state_owned_enterprise state_controlled_enterprise "
    "state_owned_financial_institution state_controlled_financial_institution other_by_decision",
    "organ_classes": "discipline organisation political_legal other",
    "disposal_classes": "cadre_discipline conduct democratic_centralism appointments working_style "
    "leadership_suggestion other",
    "handlings": "talk_or_letter preliminary_verification filing_a_case organisational_handling",
    "petition_handlings": "inquired_into clue suggestion passed_to_organ answered filed_without_action",
    "duties": "leader deputy_leader registrar member",
    "powers": "on_site closing supervision",
    "recusal_grounds": "near_relative own_interest other",
    "deliveries": "information_to_team inquiry_to_organ inquiry_answer assistance assistance_answer "
    "city_leaders_informed report_to_group results_to_assessment results_to_organisation liaison other",
    "ways": "work_report interview petition declaration_check person_with_knowledge documents "
    "discussion_meeting attending_as_observer appraisal_or_questionnaire visit_below "
    "special_check_or_unannounced_visit assistance other_approved",
    "problem_categories": "political_discipline integrity_discipline organisational_discipline "
    "mass_work_and_life_discipline other_required",
}


@pytest.mark.parametrize("section", CODES)
def test_codes_once_stored_keep_their_names(section: str) -> None:
    """Articles 8, 9, 12, 13, 17 and 23: codes are in the ledger for ever; their list only grows."""
    assert set(CODES[section].split()) <= set(YIWU.codes(section))


def entries(edition: EditionFile) -> list[tuple[str, Grounds]]:
    found: list[tuple[str, Grounds]] = []
    for section in EditionFile.model_fields:
        held = getattr(edition, section)
        for entry in held if isinstance(held, tuple) else [held]:
            if isinstance(entry, Grounds):
                found.append((section, entry))
            if isinstance(entry, Category):
                found += [(section, item) for item in entry.items]
    return found


@pytest.mark.shared
def test_a_name_said_to_be_the_text_s_own_stands_in_the_article_cited() -> None:
    """Every entry of grade "text" whose words are quoted whole is quoted from its article."""
    regulation = (SHARED / "regulation" / "regulation.zh.txt").read_text(encoding="utf-8")
    plain = re.sub(r"\s", "", regulation)
    articles = re.split(r"第([一二三四五六七八九十]+)条", plain)
    said = {i: articles[2 * i] for i in range(1, len(articles) // 2 + 1)}
    quoted = ("labels", "handlings", "unit_categories", "special_focuses", "organ_classes")
    paraphrased = {
        "end_of_inspection",
        "liaison_office",
        "other",
        "other_by_decision",
        "report",
        "round",
        "state_owned_financial_institution",
    }
    for section, entry in entries(YIWU):
        if section not in quoted or entry.support != "text" or not isinstance(entry, Entry):
            continue
        if entry.code in paraphrased:
            continue
        whole = said[int(entry.article.partition("(")[0])]
        words = re.split(r"[（）()、]", entry.zh)
        assert all(word in whole for word in words), (section, entry.code, entry.zh)


@pytest.mark.shared
def test_the_parameters_are_those_read_off_the_rulebook() -> None:
    """Articles 11(6), 16, 17, 19, 12(2), 15, 18, 24, 25 and 28."""
    file = json.loads((SHARED / "data" / "rulebook_differences.json").read_text(encoding="utf-8"))
    read = next(rulebook for rulebook in file["rulebooks"] if rulebook["id"] == YIWU.id)
    units = {"wd": "working_days", "m": "months", "d": "calendar_days"}
    for key, code in (
        ("notice_publish_by_unit", "notice_publication"),
        ("team_report", "inspection_report"),
        ("rectification_report", "rectification_report"),
        ("archive", "file_handover"),
        ("receiver_feedback", "transfer_answer"),
    ):
        found = YIWU.deadline(code, applies_to="discipline")
        assert found is not None
        assert (found.n, found.unit, found.article) == (
            read[key]["n"],
            units[read[key]["unit"]],
            read[key]["art"],
        )
    assert YIWU.approver("mid_inspection_transfer") == read["midway_transfer_approver"]
    assert YIWU.approver("feedback") == read["feedback_approver"]
    assert YIWU.parameters.interview_minimum.value == read["interview_min"]["n"]
    assert len(YIWU.staff_liability) == read["liability_staff_items"]
    assert len(YIWU.unit_liability) == read["liability_unit_items"]
    assert len(YIWU.problem_categories) == read["categories"]
    assert len(YIWU.recusal_grounds) == len(read["recusal"])


# Another city


def test_another_city_differs_by_its_file_and_not_by_the_program() -> None:
    """Receivers answer in 3 months, whoever they are; the rectification report within 2; the group approves."""
    text = (
        TEXT.replace('id = "yiwu-2015"', 'id = "elsewhere"')
        .replace(
            'n = 1, unit = "months", trigger = "transfer_received", owed_by = "receiving_organ", '
            'owed_to = "office", applies_to = ["discipline", "organisation"]',
            'n = 3, unit = "months", trigger = "transfer_received", owed_by = "receiving_organ", '
            'owed_to = "office"',
        )
        .replace('n = 1, unit = "months", trigger = "feedback_received"', 'n = 2, unit = "months", trigger = "feedback_received"')
        .replace('by = "office", article = "15"', 'by = "leading_group", article = "15"')
        .replace('zh = "巡查组"', 'zh = "巡察组"')
    )  # fmt: skip
    other = parse_edition(text, "elsewhere.toml")
    answer, report = other.deadline("transfer_answer", "other"), other.deadline("rectification_report")
    assert answer is not None
    assert report is not None
    assert (answer.period, report.period) == (Period(n=3, unit="months"), Period(n=2, unit="months"))
    assert (other.approver("mid_inspection_transfer"), other.label("team", "zh")) == (
        "leading_group",
        "巡察组",
    )
    assert other.digest != YIWU.digest


def test_one_deadline_may_differ_by_class_of_organ() -> None:
    """Article 17 elsewhere: a month for some, three for others."""
    line = next(line for line in TEXT.splitlines() if 'code = "transfer_answer"' in line)
    others = line.replace("n = 1", "n = 3").replace('["discipline", "organisation"]', '["political_legal", "other"]')
    edition = parse_edition(TEXT.replace(line, f"{line}\n{others}"), "other.toml")
    assert [
        found.n for organ in ("discipline", "political_legal") if (found := edition.deadline("transfer_answer", organ))
    ] == [1, 3]


def test_a_deadline_a_text_does_not_set_is_said_not_to_be_set() -> None:
    """Elsewhere no number is given for the report; it must be said, lest a misspelt code pass for it."""
    line = next(line for line in TEXT.splitlines() if 'code = "inspection_report"' in line and "n = 5" in line)
    without = TEXT.replace(line, "")
    with pytest.raises(EditionError, match=r"deadlines\.inspection_report"):
        parse_edition(without, "other.toml")
    said = without.replace("without_deadline = []", 'without_deadline = ["inspection_report"]')
    assert parse_edition(said, "other.toml").deadline("inspection_report") is None


def test_guidance_is_for_what_the_text_wants_promptly_and_the_one_that_ships_gives_none() -> None:
    """Articles 14, 17 and 18: no number in the text; elsewhere one may be set, for some organs or for all."""
    assert [YIWU.promptly(code) for code in PROMPTLY] == [None, None, None]
    edition = edition_with_guidance()
    assert [g.code for g in edition.guidance] == list(PROMPTLY)
    assert {
        organ: found and found.n
        for organ in ("discipline", "other")
        for found in [edition.promptly(PROMPTLY[1], organ)]
    } == {
        "discipline": 10,
        "other": None,
    }
    for_all = parse_edition(
        TEXT.replace(
            "guidance = []",
            f"guidance = [{ORGANS.replace('applies_to = [' + chr(34) + 'discipline' + chr(34) + '], ', '')}]",
        ),
        "all.toml",
    )
    assert for_all.promptly("handling_proposed", "other") is not None
    two = ORGANS.replace('["discipline"]', '["other"]').replace("n = 10", "n = 20")
    both = parse_edition(TEXT.replace("guidance = []", f"guidance = [{ORGANS}, {two}]"), "both.toml")
    assert [g.n for organ in ("discipline", "other") if (g := both.promptly("handling_proposed", organ))] == [10, 20]


# Files that are wrong

TOWN = '{ code = "town_or_street", zh = "镇（街道）", en = "town or street", article = "8(1)", support = "text" }'
REPORT = 'n = 5, unit = "working_days"'
HINT = '{ code = "clue_to_office", zh = "及时", en = "promptly", n = 3, unit = "working_days", article = "14", support = "convention" }'
ORGANS = '{ code = "handling_proposed", zh = "及时", en = "promptly", n = 10, unit = "calendar_days", applies_to = ["discipline"], article = "17", support = "convention" }'
WRONG = [
    ("a missing key", 'id = "yiwu-2015"', "", "id", "missing"),
    ("a missing key of an entry", TOWN, TOWN.replace('en = "town or street", ', ""), "unit_categories.town_or_street.en", "missing"),
    ("a missing section", "guidance = []", "", "guidance", "missing"),
    ("an unknown key", "guidance = []", "guidance = []\ncolour = 1", "colour", "1"),
    ("an unknown key of an entry", TOWN, TOWN.replace("zh =", 'note = "x", zh ='), "unit_categories.town_or_street.note", "x"),
    ("the program's own keys", "guidance = []", 'guidance = []\ndigest = "0"', "digest", "0"),
    ("text where a number belongs", "n = 5", 'n = "5"', "deadlines.inspection_report.n", "'5'"),
    ("true where a number belongs", "n = 5", "n = true", "deadlines.inspection_report.n", "True"),
    ("a fraction", "n = 5", "n = 5.0", "deadlines.inspection_report.n", "5.0"),
    ("a number where text belongs", 'zh = "镇（街道）"', "zh = 8", "unit_categories.town_or_street.zh", "8"),
    ("a number where true or false belongs", "value = true, zh", "value = 1, zh", "parameters.roll_months_to_working_day.value", "1"),
    ("a list where a table belongs", "[parameters]\ntimezone = {", "[parameters]\ntimezone = []\nx = {", "parameters.timezone", "[]"),
    ("text where a list belongs", "guidance = []", 'guidance = "none"', "guidance", "none"),
    ("a period of nothing", "n = 5", "n = 0", "deadlines.inspection_report.n", "0"),
    ("a period backwards", "n = 5", "n = -5", "deadlines.inspection_report.n", "-5"),
    ("a period past all bounds", "n = 5", "n = 401", "deadlines.inspection_report.n", "401"),
    ("an unknown unit", REPORT, 'n = 5, unit = "weeks"', "deadlines.inspection_report.unit", "weeks"),
    ("an unknown support", TOWN, TOWN.replace('"text"', '"custom"'), "unit_categories.town_or_street.support", "custom"),
    ("an article the text has not", 'article = "31"', 'article = "33"', "interpreters.discipline_commission.article", "33"),
    ("an item the article has not", TOWN, TOWN.replace("8(1)", "8(3)"), "unit_categories.town_or_street.article", "8(3)"),
    ("an item of an article without items", TOWN, TOWN.replace("8(1)", "16(1)"), "unit_categories.town_or_street.article", "16(1)"),
    ("no article", TOWN, TOWN.replace("8(1)", ""), "unit_categories.town_or_street.article", "''"),
    ("one of several articles wrong", 'article = "24, 25"', 'article = "24, 99"', "liability_outcomes.criticism_and_education.article", "24, 99"),
    ("a power over an article the text has not", 'covers = ["20"]', 'covers = ["40"]', "powers.supervision.covers.0", "40"),
    ("items of an article the text has not", '"25" = 6', '"35" = 6', "articles.items.35", "35"),
    ("a code twice", '"town_or_street"', '"public_institution"', "unit_categories.public_institution.code", "public_institution"),
    ("a sub-item twice", '"cliques"', '"feigned_compliance"', "problem_categories.political_discipline.items.feigned_compliance.code", "feigned_compliance"),
    ("a code with capitals", '"town_or_street"', '"Town"', "unit_categories.Town.code", "Town"),
    ("a route to an unknown organ", 'routes = ["organisation"], article', 'routes = ["organization"], article', "disposal_classes.democratic_centralism.routes.0", "organization"),
    ("no route at all", 'routes = ["organisation"], article', "routes = [], article", "disposal_classes.democratic_centralism.routes", "[]"),
    ("a mid-inspection route to an unknown organ", 'routes = ["discipline", "political_legal"]', 'routes = ["court"]', "mid_inspection_routes.routes.0", "court"),
    ("a deadline for an unknown organ", 'applies_to = ["discipline", "organisation"]', 'applies_to = ["court"]', "deadlines.transfer_answer.applies_to.0", "court"),
    ("an unknown trigger", 'trigger = "inspection_ended"', 'trigger = "full_moon"', "deadlines.inspection_report.trigger", "full_moon"),
    ("owed by nobody known", 'owed_by = "team", owed_to = "office", article = "16"', 'owed_by = "court", owed_to = "office", article = "16"', "deadlines.inspection_report.owed_by", "court"),
    ("owed to nobody known", 'owed_to = "office", article = "16"', 'owed_to = "court", article = "16"', "deadlines.inspection_report.owed_to", "court"),
    ("approved by nobody known", 'by = "office", article = "15"', 'by = "court", article = "15"', "approvals.mid_inspection_transfer.by", "court"),
    ("approved by a post", 'by = "office", article = "15"', 'by = "group_head", article = "15"', "approvals.mid_inspection_transfer.by", "group_head"),
    ("approved by the team itself", 'by = "party_committee", article = "5"', 'by = "team", article = "5"', "approvals.mandate.by", "team"),
    ("approved by the unit inspected", 'by = "leading_group", article = "17"', 'by = "unit", article = "17"', "approvals.disposal.by", "unit"),
    ("destroyed by a word", 'by = "office", article = "28"', 'by = "archiving", article = "28"', "approvals.key_destruction.by", "archiving"),
    ("approved by no one", 'by = "leading_group", article = "11(1)"', 'article = "11(1)"', "approvals.work_plan.by", "missing"),
    ("a delivery made by nobody known", 'by = ["office"], to = "group_heads"', 'by = ["unit"], to = "group_heads"', "deliveries.report_to_group.by.0", "unit"),
    ("a delivery made by no one", 'by = ["office"], to = "group_heads"', 'by = [], to = "group_heads"', "deliveries.report_to_group.by", "[]"),
    ("a delivery to nobody known", 'to = "group_heads"', 'to = "court"', "deliveries.report_to_group.to", "court"),
    ("a delivery to an unknown class of organs", 'organ_classes = ["organisation"], article = "22"', 'organ_classes = ["court"], article = "22"', "deliveries.results_to_organisation.organ_classes.0", "court"),
    ("an answer to no occasion", 'answers = "assistance"', 'answers = "silence"', "deliveries.assistance_answer.answers", "silence"),
    ("a delivery left out", '{ code = "liaison"', '{ code = "chat"', "deliveries.liaison", "missing"),
    ("nominated by nobody known", 'by = ["organisation"], consulted', 'by = ["court"], consulted', "nomination.by.0", "court"),
    ("nobody consulted", 'consulted = ["discipline"]', "consulted = []", "nomination.consulted", "[]"),
    ("the record of service left out", '{ code = "service_recorded"', '{ code = "x"', "triggers.service_recorded", "missing"),
    ("interpreted by nobody known", 'body = "discipline_commission"', 'body = "court"', "interpreters.court.body", "court"),
    ("an empty label", 'zh = "巡查组"', 'zh = ""', "labels.team.zh", "''"),
    ("a label of spaces", 'zh = "巡查组"', 'zh = "  "', "labels.team.zh", "'  '"),
    ("a label left out", 'code = "team"', 'code = "crew"', "labels.team", "missing"),
    ("a power left out", 'code = "supervision"', 'code = "oversight"', "powers.supervision", "missing"),
    ("an approval left out", '{ code = "disposal", zh = "分类处置", en = "disposal by class", by', '{ code = "x", zh = "分类处置", en = "disposal by class", by', "approvals.disposal", "missing"),
    ("who forms a team left out", '{ code = "team", zh = "组建巡查组"', '{ code = "crew", zh = "组建巡查组"', "approvals.team", "missing"),
    ("who destroys a key left out", '{ code = "key_destruction"', '{ code = "x"', "approvals.key_destruction", "missing"),
    ("a deadline misspelt", 'code = "file_handover"', 'code = "file_hand_over"', "deadlines.file_handover", "missing"),
    ("a duty left out", 'code = "registrar"', 'code = "clerk"', "duties.registrar", "missing"),
    ("a date in quotes", "issued = 2015-09-24", 'issued = "2015-09-24"', "issued", "2015-09-24"),
    ("a date with a time", "issued = 2015-09-24", "issued = 2015-09-24T08:00:00", "issued", "2015-09-24T08:00:00"),
    ("in force before issue", "in_force = 2015-09-24", "in_force = 2015-09-23", "in_force", "2015-09-23"),
    ("a date that is none", "issued = 2015-09-24", "issued = 2015-09-31", "line 14", "issued = 2015-09-31"),
    ("a time zone not known", '"Asia/Shanghai"', '"Europe/Paris"', "parameters.timezone.value", "Europe/Paris"),
    ("counting the trigger day", "value = false", "value = true", "parameters.count_trigger_day.value", "True"),
    ("the office seeing content", 'value = "status"', 'value = "content"', "parameters.office_sees_live_petitions.value", "content"),
    ("guidance nobody knows", "guidance = []", f"guidance = [{HINT.replace('clue_to_office', 'clue_to_group')}]", "guidance.clue_to_group.code", "clue_to_group"),
    ("guidance twice", "guidance = []", f"guidance = [{HINT}, {HINT}]", "guidance.clue_to_office.code", "clue_to_office"),
    ("guidance twice for one class", "guidance = []", f"guidance = [{ORGANS}, {ORGANS}]", "guidance.handling_proposed.code", "handling_proposed"),
    ("guidance for organs nobody knows", "guidance = []", f"guidance = [{ORGANS.replace('discipline', 'police')}]", "guidance.handling_proposed.applies_to.0", "police"),
    ("guidance for organs where none acts", "guidance = []", f"guidance = [{ORGANS.replace('handling_proposed', 'feedback_given')}]", "guidance.feedback_given.applies_to", "discipline"),
    ("guidance of nothing", "guidance = []", f"guidance = [{HINT.replace('n = 3', 'n = 0')}]", "guidance.clue_to_office.n", "0"),
    ("guidance under an article there is not", "guidance = []", f"guidance = [{HINT.replace(chr(34) + '14' + chr(34), chr(34) + '99' + chr(34))}]", "guidance.clue_to_office.article", "99"),
    ("text that is no TOML", "guidance = []", "guidance = [", "line", ""),
]  # fmt: skip


@pytest.mark.parametrize(("what", "old", "new", "key", "value"), WRONG, ids=[row[0] for row in WRONG])
def test_an_edition_that_is_wrong_is_refused_by_file_key_and_value(
    what: str, old: str, new: str, key: str, value: str
) -> None:
    """No rule runs on an edition that is not whole."""
    assert old in TEXT
    with pytest.raises(EditionError) as refused:
        parse_edition(TEXT.replace(old, new, 1), "other.toml")
    told = [
        fault
        for fault in refused.value.faults
        if (fault.key == key or (key.startswith("line") and key in fault.key)) and value in fault.value
    ]
    assert told, str(refused.value)
    assert all(fault.file == "other.toml" and fault.expected.zh and fault.expected.en for fault in told)
    assert f"other.toml: {told[0].key} = {told[0].value}: 应为" in str(refused.value)


def test_all_faults_of_every_sort_are_told_at_once() -> None:
    """A clerk corrects a file once: wrong shapes and wrong references come together."""
    text = TEXT.replace("n = 5", "n = 0").replace('zh = "巡查组"', 'zh = ""').replace('["20"]', '["40"]')
    with pytest.raises(EditionError) as refused:
        parse_edition(text, "other.toml")
    assert {fault.key for fault in refused.value.faults} == {
        "deadlines.inspection_report.n",
        "labels.team.zh",
        "powers.supervision.covers.0",
    }


@pytest.mark.parametrize("text", ["", "deadlines = 1", "labels = [1, 2]", "articles = []", "[deadlines]\nn = 1"])
def test_a_file_of_another_shape_altogether_is_refused_and_not_tripped_over(text: str) -> None:
    """Whatever is handed over, the answer is the list of faults."""
    with pytest.raises(EditionError) as refused:
        parse_edition(text, "other.toml")
    assert len(refused.value.faults) > 20


def test_an_edition_in_use_may_be_stored_and_read_again() -> None:
    """The text of an edition is itself a fact, stored at adoption."""
    assert parse_edition(YIWU.text, "stored") == YIWU
    assert Edition.model_validate_json(YIWU.model_dump_json()) == YIWU


def test_all_codes_the_rules_ask_for_are_there() -> None:
    """What a rule looks up by name, an edition must have."""
    for section, codes in NEEDED.items():
        assert set(codes) <= set(YIWU.codes(section))
