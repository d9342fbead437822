"""Entities as JSON documents: from a body to an `Entity`, and back in every representation of the standard (4.5)."""

from typing import Final

from madang.model.entity import Kind

NULL: Final = "urn:ngsi-ld:null"
"""The NGSI-LD Null (3.1): in a fragment it asks for deletion. It stands where the value or object would."""

MEMBER: Final = {
    Kind.PROPERTY: "value",
    Kind.RELATIONSHIP: "object",
    Kind.GEO: "value",
    Kind.LANGUAGE: "languageMap",
    Kind.JSON: "json",
    Kind.VOCAB: "vocab",
    Kind.LIST: "valueList",
    Kind.LIST_RELATIONSHIP: "objectList",
}
"""The member that carries the value of an attribute of each kind."""
