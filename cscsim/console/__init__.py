"""`cscsim console`: an observatory in a browser, for somebody who learns and perhaps somebody who teaches.

::

    browser <--websocket--> server, client, hub        one thread: asyncio in real time
                               |  calls     ^ records, views
                               v            |
                            engine: run, desk          another thread: the simulated observatory

The desk is one more client of the bus. It commands in the name of the person who asks and writes what people do into
the journal, so that the journal of a session is all that a score and a debrief need.
"""

from cscsim.console.command import command

__all__ = ["command"]
