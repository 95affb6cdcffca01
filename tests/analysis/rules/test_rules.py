"""Every rule says what it has to say, and no two rules claim the same."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from bridge.analysis.model import Category
from bridge.analysis.rules import FAMILIES, Rule, rules
from bridge.analysis.rules.base import SECTIONS, Place
from bridge.analysis.rules.claiming import Claims
from bridge.analysis.rules.documentation import documentation_of, page_of

RULES = list(rules().values())


def ids(rule: Rule) -> str:
    return rule.code


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_a_rule_has_a_docstring_with_all_sections(rule: Rule) -> None:
    documentation = documentation_of(rule)
    assert tuple(documentation.sections) == SECTIONS
    assert documentation.summary.endswith(".")
    assert all(len(text) > 20 for text in documentation.sections.values())


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_a_rule_refers_to_something_on_the_web(rule: Rule) -> None:
    references = documentation_of(rule).sections["References"]
    assert re.fullmatch(r"(- https://\S+\n?)+", references)


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_a_rule_shows_code_that_compiles(rule: Rule) -> None:
    for code in re.findall(r"^```python.*?\n(.*?)^```$", page_of(rule), re.MULTILINE | re.DOTALL):
        compile(code, rule.code, "exec")


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_a_rule_is_of_a_family_and_finds_by_one_way(rule: Rule) -> None:
    assert re.fullmatch(r"WB\d{3}", rule.code)
    assert rule.code[:3] in FAMILIES
    assert rule.effort in {0, 1, 3, 5, 7, 13}
    assert bool(rule.place) == bool(rule.takes_over)
    claims = bool(rule.sinks or rule.categories)
    assert claims or rule.place or rule.obstacles or rule.code == "WB905"  # which suppression.py reports


def test_no_two_rules_share_a_code_or_a_claim() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    claimed = Counter(name for rule in RULES for name in (*rule.sinks, *rule.categories))
    assert [name for name, count in claimed.items() if count > 1] == []


def test_every_category_has_a_rule_for_what_nobody_claims_by_name() -> None:
    claims = Claims(RULES)
    assert all(claims.rule("ourcompany.call", category, ()) for category in Category)


@pytest.mark.parametrize(
    ("sink", "category", "places", "code"),
    [
        ("requests.get", Category.NETWORK, (), "WB201"),
        ("requests.Session.get", Category.NETWORK, (), "WB201"),
        ("requestsmock.get", Category.NETWORK, (), "WB299"),
        ("urllib.request.urlopen", Category.NETWORK, (), "WB201"),
        ("socket.getaddrinfo", Category.NETWORK, (), "WB203"),
        ("socket.socket.connect", Category.NETWORK, (), "WB202"),
        ("subprocess.Popen", Category.SUBPROCESS, (), "WB111"),
        ("subprocess.Popen.wait", Category.SUBPROCESS, (), "WB112"),
        ("os.system", Category.SUBPROCESS, (), "WB110"),
        ("os.listdir", Category.FILE, (), "WB302"),
        ("os.walk", Category.FILE, (), "WB303"),
        ("django.core.cache.cache.get", Category.NETWORK, (), "WB225"),
        ("django.core.mail.send_mail", Category.NETWORK, (), "WB204"),
        ("django.db.models.QuerySet.get", Category.DATABASE, (), "WB212"),
        ("shop.models.Product.reviews", Category.ORM_LAZY, (), "WB214"),
        ("shop.models.Product.reviews", Category.ORM_LAZY, (Place.LOOP,), "WB215"),
        ("shop.models.Product.reviews", Category.ORM_LAZY, (Place.LOOP, Place.TEMPLATE), "WB610"),
        ("requests.get", Category.NETWORK, (Place.LOOP,), "WB201"),
        ("requests.get", Category.NETWORK, (Place.LOOP, Place.EVENT_LOOP), "WB710"),
        ("psycopg2.connect", Category.DATABASE, (Place.LOOP, Place.EVENT_LOOP), "WB753"),
        ("builtins.open", Category.FILE, (Place.EVENT_LOOP,), "WB730"),
        ("os.path.exists", Category.FILE, (Place.EVENT_LOOP,), "WB740"),
        ("smtplib.SMTP", Category.NETWORK, (Place.EVENT_LOOP,), "WB754"),
        ("time.sleep", Category.SLEEP, (Place.EVENT_LOOP,), "WB751"),
    ],
)
def test_a_call_belongs_to_one_rule(
    sink: str, category: Category, places: tuple[str, ...], code: str
) -> None:
    rule = Claims(RULES).rule(sink, category, places)
    assert rule is not None
    assert rule.code == code


@pytest.mark.parametrize("category", Category)
def test_whatever_blocks_has_a_rule_on_an_event_loop(category: Category) -> None:
    if category not in {Category.THREAD_LOCAL, Category.PROCESS_STATE}:
        rule = Claims(RULES).rule("ourcompany.call", category, (Place.EVENT_LOOP,))
        assert rule is not None
        assert rule.code.startswith("WB7")
