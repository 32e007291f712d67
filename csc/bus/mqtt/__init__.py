"""The bus over MQTT, and what belongs to it. `bus` and `link` need the extra ``cscsim[mqtt]``."""

from csc.bus.mqtt.address import Address
from csc.bus.mqtt.topics import TopicTree

__all__ = ["Address", "TopicTree"]
