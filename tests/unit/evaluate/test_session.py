"""What an evaluation runs: the baselines of a service, and those that are run only when somebody asks for them."""

from madang.decide.registry import load
from madang.evaluate.session import Plan


def names(*baselines: str) -> list[str]:
    plan = Plan(seeds=(1,), hours=1, drain_s=0, baselines=baselines or None)
    return [variant.name for variant in plan.variants(load("signals"))]


def test_what_is_only_asked_for_is_not_among_all() -> None:
    assert names() == ["fixed", "actuated", "max-pressure", "signals"]
    assert names("no-priority") == ["fixed", "no-priority", "signals"]


def test_without_priority_the_same_service_hears_nobody() -> None:
    plan = Plan(seeds=(1,), hours=1, drain_s=0, baselines=("no-priority", "no-corridors"))
    given = {variant.name: variant.settings for variant in plan.variants(load("signals"))}
    assert given["no-priority"]["priority"] is False
    assert given["no-corridors"] == {"corridors": False, "emergency_weight": 1.0}
