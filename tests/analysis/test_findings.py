from __future__ import annotations

from dataclasses import replace

from bridge.analysis.findings import Judge, Sighting, fingerprint, numbered
from bridge.analysis.knowledge import load_knowledge
from bridge.analysis.model import Category, Confidence, Context, Severity, Step, Witness
from bridge.analysis.rules import rules
from bridge.analysis.rules.claiming import Claims
from tests.analysis.making import finding

STEPS = (Step("views.x", "views.py", 9), Step("views.load", "views.py", 3))
WITNESS = Witness("requests.get", "requests.get", "views.load", "views.py", 3, 5, STEPS)
JUDGE = Judge(
    claims=Claims(rules().values()), knowledge=load_knowledge(), async_symbols=frozenset({"views.y"})
)


def test_a_call_on_two_routes_is_one_finding_with_the_shorter_chain() -> None:
    short = replace(WITNESS, chain=STEPS[1:], confidence=Confidence.MEDIUM)
    [found] = JUDGE.findings([Sighting(WITNESS, "GET /x"), Sighting(short, "GET /a")])
    assert (found.rule, found.category, found.severity) == ("WB201", Category.NETWORK, Severity.ERROR)
    assert found.routes == ("GET /a", "GET /x")
    assert found.chain == STEPS[1:]
    assert found.confidence is Confidence.HIGH
    assert found.replacement is not None


def test_a_call_in_a_thread_of_the_application_is_none() -> None:
    assert JUDGE.findings([Sighting(replace(WITNESS, context=Context.OFFLOADED), "GET /x")]) == ()


def test_a_call_below_an_async_function_stands_on_the_event_loop() -> None:
    chain = (Step("views.y", "views.py", 7), *STEPS[1:])
    [found] = JUDGE.findings([Sighting(replace(WITNESS, chain=chain), "")])
    assert (found.rule, found.routes) == ("WB710", ())


def test_a_loop_is_said_where_the_rule_does_not() -> None:
    [found] = JUDGE.findings([Sighting(replace(WITNESS, in_loop=True), "GET /x")])
    assert found.message == "requests.get waits for an answer over HTTP, in a loop"


def test_what_a_reader_saw_in_a_template_is_a_query_of_the_template() -> None:
    seen = replace(WITNESS, sink="models.Product.reviews", role="template")
    [found] = JUDGE.findings([Sighting(seen, "GET /x")])
    assert (found.rule, found.category) == ("WB610", Category.ORM_LAZY)


def test_a_fingerprint_has_no_line_in_it_but_everything_else() -> None:
    first = finding()
    assert fingerprint(first) == fingerprint(replace(first, line=99, column=1, message="other"))
    for change in (
        {"rule": "WB202"},
        {"file": "shop/other.py"},
        {"symbol": "shop.views.other"},
        {"sink": "requests.post"},
        {"chain": (Step("shop.views.caller", "shop/views.py", 1), *first.chain)},
    ):
        assert fingerprint(first) != fingerprint(replace(first, **change))


def test_numbers_go_by_place_and_the_second_of_a_kind_has_its_own_fingerprint() -> None:
    second, first = numbered([finding(line=9), finding(line=3)])[::-1]
    assert (first.id, first.line, second.id, second.line) == ("F1", 3, "F2", 9)
    assert second.fingerprint == f"{first.fingerprint}-2"
