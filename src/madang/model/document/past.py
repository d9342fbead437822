"""The temporal representations of an entity: instances, or values with times (ETSI GS CIM 009 v1.8.1, 4.5.6, 4.5.8)."""

from collections.abc import Sequence
from typing import Any

from madang.model.context import Context
from madang.model.document import MEMBER
from madang.model.document.output import Form, write_entity, write_instance
from madang.model.entity import Attribute, Entity

_PLURAL = {
    "value": "values",
    "object": "objects",
    "languageMap": "languageMaps",
    "json": "jsons",
    "vocab": "vocabs",
    "valueList": "valueLists",
    "objectList": "objectLists",
}


def write_past(
    entity: Entity, form: Form, context: Context, *, values: bool, time: str = "observedAt"
) -> dict[str, Any]:
    """The temporal representation: each attribute an array of its instances.

    With `values` the simplified one: for each dataset the pairs of value and time (4.5.8); `time` is the temporal
    property that the query named.
    """
    body = write_entity(Entity(id=entity.id, types=entity.types, scopes=entity.scopes), form, context)
    for name, instances in entity.attributes.items():
        if values:
            series = _series(instances, context, time)
            body[context.compact(name)] = series[0] if len(series) == 1 else series
        else:
            body[context.compact(name)] = [write_instance(each, form, context) for each in instances]
    return body


def _series(instances: Sequence[Attribute], context: Context, time: str) -> list[dict[str, Any]]:
    found: dict[tuple[str, str | None], dict[str, Any]] = {}
    for each in instances:
        member = MEMBER[each.kind]
        series = found.setdefault((each.kind.value, each.dataset_id), {"type": each.kind.value, _PLURAL[member]: []})
        if each.dataset_id is not None:
            series["datasetId"] = each.dataset_id
        value = write_instance(each, Form(), context)[member]
        series[_PLURAL[member]].append([value, _time(each, time)])
    return list(found.values())


def _time(instance: Attribute, name: str) -> Any:
    if name == "createdAt":
        return instance.created_at
    if name == "modifiedAt":
        return instance.modified_at
    return instance.observed_at or instance.modified_at
