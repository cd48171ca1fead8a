"""The alert rules that ship: each fires at its cause, is silent without, and names real metrics."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.sources import metrics
from tests.wanting import wanting

FOLDER = Path(__file__).parents[1] / "deploy" / "prometheus"
DASHBOARD = FOLDER.parent / "grafana" / "fenhe-hub.json"
RULES = FOLDER / "fenhe.rules.yaml"
HOUR, DAY = 3600, 86400


@dataclass(frozen=True)
class Cause:
    """What a series says when all is well and when it is not, and how long it takes to be told."""

    alert: str
    series: str
    well: str
    wrong: str
    after: str


CAUSES = (
    Cause("FenheHubDown", 'up{job="fenhe-hub"}', "1", "0", "6m"),
    Cause("FenheHubUnhealthy", "fenhe_hub_healthy", "1", "0", "11m"),
    Cause("FenheHubJobFailing", 'fenhe_hub_job_failures{exported_job="plan"}', "2", "3", "2m"),
    Cause("FenheHubTwoHistories", "fenhe_hub_quarantined_logs", "0", "1", "1m"),
    Cause("FenheHubOwnLogDiffers", 'fenhe_hub_remarks{remark="fed-differs"}', "0", "1", "1m"),
    Cause(
        "FenheHubLowerLogDiffers", 'fenhe_hub_remarks{remark="lower-fed-behind"}', "0", "1", "1m"
    ),
    Cause("FenheHubMostVisitsFail", 'fenhe_hub_logs{outcome="defer"}', "10", "11", "61m"),
    Cause("FenheHubNoReceipts", "fenhe_hub_uncosigned_logs", "0", "1", "361m"),
    Cause("FenheHubNoWitness", 'fenhe_hub_unwitnessed_logs{witness="w"}', "0", "1", "361m"),
    Cause("FenheHubAlarmsUndelivered", "fenhe_hub_alarms_undelivered", "0", "1", "11m"),
    Cause("FenheHubOfficeUnsaid", "fenhe_hub_unsaid_words", "0", "1", "61m"),
    Cause("FenheHubUnitsDown", 'fenhe_hub_alarmed_units{code="fetch.connect"}', "0", "40", "181m"),
    Cause("FenheGatewayDown", 'up{job="fenhe-gateway"}', "1", "0", "16m"),
    Cause("FenheGatewayUnhealthy", "fenhe_gateway_healthy", "1", "0", "31m"),
    Cause("FenheGatewayBehind", "fenhe_gateway_behind_logs", "0", "1", "361m"),
    Cause(
        "FenheGatewayKeyOld",
        "fenhe_gateway_key_age_seconds",
        str(365 * DAY),
        str(365 * DAY + 1),
        "61m",
    ),
    Cause("FenheGatewayUselessLines", 'fenhe_gateway_useless_lines{code="x"}', "0", "1", "61m"),
    Cause("FenheNodeDown", 'up{job="fenhe-node"}', "1", "0", "16m"),
    Cause("FenheNodeUnhealthy", "fenhe_node_healthy", "1", "0", "16m"),
    Cause("FenheNodeNotHeld", 'fenhe_node_alarm{hub="h",code="hub.withholds"}', "0", "1", "2m"),
    Cause(
        "FenheNodeSilent",
        "fenhe_node_checkpoint_age_seconds",
        str(26 * HOUR),
        str(26 * HOUR + 1),
        "11m",
    ),
    Cause("FenheNodeJobFailing", 'fenhe_node_job_failures{exported_job="beat"}', "2", "3", "2m"),
)
HEALTHY_BESIDE = {"FenheHubMostVisitsFail": 'fenhe_hub_logs{outcome="unchanged"}'}


def rules() -> list[dict[str, Any]]:
    found = yaml.safe_load(RULES.read_text("utf-8"))
    return [rule for group in found["groups"] for rule in group["rules"]]


def test_every_rule_has_its_cause_here() -> None:
    assert [rule["alert"] for rule in rules()] == [cause.alert for cause in CAUSES]


def test_every_rule_says_what_to_do() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert re.match(r"[^a-zA-Z]*[\u4e00-\u9fff]", rule["annotations"]["summary"])
        assert rule["annotations"]["action"]


def test_every_metric_that_a_rule_names_is_one_of_ours() -> None:
    named = {name for rule in rules() for name in re.findall(r"fenhe_[a-z_]+", rule["expr"])}
    assert named - {metric.name for metric in metrics()} == set()


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.alert)
def test_the_rule_tells_of_its_cause_and_of_nothing_else(tmp_path: Path, cause: Cause) -> None:
    bare = [
        {name: part for name, part in rule.items() if name != "annotations"} for rule in rules()
    ]
    groups = {"groups": [{"name": "all", "rules": bare}]}  # promtool would compare every word
    (tmp_path / RULES.name).write_text(yaml.safe_dump(groups), "utf-8")
    wrong = _case(cause, cause.wrong, [{"exp_labels": _labels(cause)}])
    (tmp_path / "test.yaml").write_text(
        yaml.safe_dump(
            {"rule_files": [RULES.name], "tests": [_case(cause, cause.well, []), wrong]}
        ),
        "utf-8",
    )
    _promtool("test", "rules", str(tmp_path / "test.yaml"))


def test_prometheus_takes_rules_and_configuration_as_they_stand() -> None:
    _promtool("check", "config", str(FOLDER / "fenhe.scrape.yaml"))


def test_the_dashboard_shows_our_own_metrics_and_each_panel_says_in_chinese_what_it_is() -> None:
    text = DASHBOARD.read_text("utf-8")
    named = set(re.findall(r"fenhe_[a-z_]+", text))
    assert named and named - {metric.name for metric in metrics()} == set()
    board = json.loads(text)
    sources = {name["name"] for name in board["templating"]["list"]}
    assert sources == {"source", "hub"}
    places = set()
    for panel in board["panels"]:
        assert re.search(r"[\u4e00-\u9fff]", panel["title"]) and panel["targets"]
        assert all("$hub" in each["expr"] for each in panel["targets"])
        places.add((panel["gridPos"]["x"], panel["gridPos"]["y"]))
    assert len(places) == len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def _case(cause: Cause, value: str, expected: list[dict[str, Any]]) -> dict[str, Any]:
    series = [{"series": cause.series, "values": f"{value}x800"}]
    if beside := HEALTHY_BESIDE.get(cause.alert):
        series.append({"series": beside, "values": "10x800"})
    return {
        "interval": "1m",
        "input_series": series,
        "alert_rule_test": [
            {"eval_time": cause.after, "alertname": cause.alert, "exp_alerts": expected}
        ],
    }


def _labels(cause: Cause) -> dict[str, str]:
    severity = {rule["alert"]: rule["labels"]["severity"] for rule in rules()}[cause.alert]
    own = dict(re.findall(r'(\w+)="([^"]*)"', cause.series))
    if cause.alert in HEALTHY_BESIDE:
        own = {}  # a sum over all outcomes
    return own | {"severity": severity}


def _promtool(*arguments: str) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        wanting("promtool", "no promtool here: apt install prometheus")
    done = subprocess.run([promtool, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
