from __future__ import annotations

import json
from collections import Counter

from scripts.compare_servers.difference import Difference
from scripts.compare_servers.load import Load
from scripts.compare_servers.report import Result, as_json, as_text
from scripts.compare_servers.scenario import Expected
from scripts.compare_servers.trio import Finding, Findings

BODY = Finding("crawl", "GET /x", Difference("body at 3", "abc", "abd"))
ALLOW = Finding("variants", "OPTIONS /x", Difference("allow", "GET, HEAD", "HEAD, GET"))


def result(
    *found: Finding, complaints: int = 0, expected: tuple[Expected, ...] = (), surprises: int = 0
) -> Result:
    return Result(
        target="shop:app",
        server="uvicorn",
        findings=Findings(compared={"crawl": 3, "forms": 2}, statuses={200: 4, 404: 1}, found=list(found)),
        expected=expected,
        complaints={"waitress": 1, "bridge": complaints},
        loads={"bridge": Load(10, 2.0, Counter({"GET /: 200 became 500": surprises} if surprises else {}))},
    )


def test_nothing_found_is_good() -> None:
    assert result().good
    assert list(as_text(result())) == [
        "shop:app, waitress against wsgi-bridge (uvicorn): 5 requests compared",
        "       3 crawl",
        "       2 forms",
        "  statuses: 200: 4, 404: 1",
        "  0 compared but for noise, 0 undecided (two waitresses disagree), 0 differences passed when asked again",
        "  log of waitress: 1 complaints",
        "  log of bridge: 0 complaints",
        "  load on bridge: 10 requests, 5/s, 0 surprises",
        "SAME: wsgi-bridge answers as waitress does, but for what is said above.",
    ]


def test_a_difference_is_shown_with_its_request() -> None:
    lines = "\n".join(as_text(result(BODY))).splitlines()
    assert lines[-5:-1] == [
        "  body: 1",
        "    GET /x (crawl)",
        "      body at 3: waitress 'abc', bridge 'abd'",
        "NOT THE SAME: 1 unexpected difference.",
    ]
    assert "--scenario" in lines[-1]
    assert not result(BODY).good


def test_an_expected_difference_is_counted_by_its_reason() -> None:
    explained = result(ALLOW, expected=(Expected("allow", "^OPTIONS", "sets have no order"),))
    assert explained.good
    assert "  1 expected: sets have no order" in list(as_text(explained))


def test_a_louder_log_or_a_status_that_load_changes_is_not_good() -> None:
    assert not result(complaints=2).good
    assert result(complaints=1).good
    assert not result(surprises=1).good
    assert result(surprises=1).reasons == ["1 surprise under load that waitress does not have"]


def test_what_load_does_to_waitress_too_is_not_the_bridge_s_fault() -> None:
    both = result(surprises=3)
    both.loads["waitress"] = Load(10, 2.0, Counter({"GET /another: 200 became 500 /x": 1}))
    assert both.good
    both.loads["bridge"].surprises["GET /: 200 became ConnectionResetError: [Errno 104]"] = 2
    assert both.surprises_of_its_own() == 2


def test_json_has_everything() -> None:
    explained = result(BODY, ALLOW, expected=(Expected("allow", "", "why"),))
    found = json.loads(json.dumps(as_json(explained)))
    assert [row["request"] for row in found["unexpected"]] == ["GET /x"]
    assert [row["reason"] for row in found["expected"]] == ["why"]
    assert found["compared"] == {"crawl": 3, "forms": 2}
