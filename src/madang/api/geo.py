"""The geo-query of four parameters (4.10): what requests and subscriptions share is in `model/geoquery`."""

from madang.model.geoquery import parse_geo

__all__ = ["parse_geo"]
