"""What the public gets between two changes: each junction's assessment, as the decision weighed it.

`SignalAssessment:<tls>`: `refSignal`, `wanted` (the stage that should be shown), `rule`, `scores` {stage:
vehicle-seconds of beginning it now, or of holding it}, `longestRed` (s, of a movement that somebody waits for). One
every `assess_every_s`.
"""

from datetime import UTC, datetime

from madang.model.entity import Attribute, Entity, Kind
from madang.services.signals.choice import Choice
from madang.services.signals.sense import Scene, name_of, urn

ASSESSMENT = "SignalAssessment"


def assessment(scene: Scene, choice: Choice) -> Entity:
    """The assessment of one junction."""
    at = datetime.fromtimestamp(scene.at_s, UTC)
    stages = scene.junction.stages
    scores = {stages[stage].id: score for stage, score in choice.scores.items()}
    longest_s = max((scene.at_s - since_s for since_s in choice.calls.values()), default=0.0)
    attributes = {
        "refSignal": Attribute(kind=Kind.RELATIONSHIP, value=scene.junction.target, observed_at=at),
        "wanted": Attribute(value=stages[choice.stage].id, observed_at=at),
        "rule": Attribute(value=choice.rule, observed_at=at),
        "scores": Attribute(kind=Kind.JSON, value=scores, observed_at=at),
        "longestRed": Attribute(value=round(longest_s, 1), unit_code="SEC", observed_at=at),
    }
    return Entity(
        id=urn(ASSESSMENT, name_of(scene.junction.target)),
        types=(ASSESSMENT,),
        attributes={name: (attribute,) for name, attribute in attributes.items()},
    )
