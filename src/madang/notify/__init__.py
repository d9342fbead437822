"""Brings notifications to their receivers: over HTTP and over MQTT, and never where they must not go."""

from madang.notify.courier import EveryCourier
from madang.notify.mail import Mail

__all__ = ["EveryCourier", "Mail"]
