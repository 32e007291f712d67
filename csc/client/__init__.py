"""A client of an observatory that runs elsewhere, for notebooks and programs: commands, events and telemetry by name.

It needs the extra ``cscsim[mqtt]``; `cscsim.connect` makes one.
"""

from csc.client.client import Client
from csc.client.component import ClientComponent, ClientGroup
from csc.client.told import ToldTime
from csc.client.topic import ClientTopic, ClientTopics
from csc.client.typed import read_typed

__all__ = ["Client", "ClientComponent", "ClientGroup", "ClientTopic", "ClientTopics", "ToldTime", "read_typed"]
