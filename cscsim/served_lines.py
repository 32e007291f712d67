"""What a service tells at its terminal: where it is, what to try, and each command with how it ended."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from csc import Observatory
from csc.bus.mqtt import TopicTree
from csc.fields import shown
from cscsim.blocks_of_text import heading, indented, pairs
from cscsim.broker import HERE
from cscsim.serving import Service
from cscsim.style import duration, write
from fsm import Record

__all__ = ["ServedLines", "clock_time", "fields_text"]

_NOT_FINAL = frozenset({"ACK", "INPROGRESS"})
_LONGEST = 120  # characters of a command with its fields


def clock_time(tai: float) -> str:
    """Write TAI [s] as the time of its day.

    >>> clock_time(1768482012.25)
    '13:00:12.2'
    """
    tenths = math.floor(tai * 10.0) / 10.0
    return datetime.datetime.fromtimestamp(tenths, datetime.UTC).strftime("%H:%M:%S.%f")[:-5]


def fields_text(fields: Mapping[str, Any]) -> str:
    """Write the fields of a message in one line.

    >>> fields_text({"azimuth": 3.0, "open": True, "path": "a b"})
    "azimuth=3.0 open=true path='a b'"
    """
    return " ".join(f"{name}={_value(value)}" for name, value in fields.items())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) and value.isalnum() else shown(value)


class ServedLines:
    """Writes a line when something has ended that somebody asked for, and when it takes long.

    Parameters
    ----------
    console
        Where to.
    service
        What is served.
    """

    def __init__(self, console: Console, service: Service) -> None:
        self._console, self._service = console, service
        self._tai_start = service.sheet.tai_start
        self._commands: dict[int, Record] = {}
        self._under_way: set[int] = set()
        self._tellers: Mapping[str, Callable[[Record], None]] = {
            "command": self._command,
            "ack": self._ack,
            "fault": self._fault,
            "wire": self._wire,
            "confirm": self._question,
            "announce": self._question,
        }

    def begin(self, observatory: Observatory) -> None:
        """Say where it is, and what to try."""
        write(self._console, self._head(observatory))
        self._console.file.flush()

    def see(self, record: Record) -> None:
        """See a record of the journal."""
        teller = self._tellers.get(record["kind"])
        if teller is not None:
            teller(record)

    def _head(self, observatory: Observatory) -> Iterator[RenderableType]:
        service, sheet = self._service, self._service.sheet
        tree = TopicTree(sheet.observatory)
        yield from heading(sheet.observatory, sheet.title)
        speed = "as fast as it goes" if math.isinf(service.speed) else f"{service.speed:g}x"
        start = sheet.start.replace("T", " ")
        faults = (
            "may be injected by others" if service.allows_faults else "nobody may inject any; --allow-faults lets them"
        )
        yield from indented(
            pairs(
                [
                    ("broker", f"{_bare(service)}"),
                    ("topics", f"{tree.root}/…, of {len(observatory.components)} components"),
                    ("time", f"{start} TAI, {speed}"),
                    ("faults", faults),
                ]
            )
        )
        yield Text("To try:", style="dim")
        yield from (Text(f"  {line}", style="cyan", no_wrap=True) for line in self._trials(tree))
        yield Text("Ctrl-C ends it.", style="dim")

    def _trials(self, tree: TopicTree) -> Iterator[str]:
        address, name = self._service.address, self._service.sheet.observatory
        at = f"-h {address.host} -p {address.port}"
        csc = next((each for each, placed in self._service.sheet.components.items() if placed.state == "STANDBY"), "+")
        yield f"mosquitto_sub {at} -v -t '{tree.of('+', 'event', 'summaryState')}'"
        yield f"mosquitto_pub {at} -q 1 -t {tree.of(csc, 'command', 'start')} -m '{{}}'"
        broker = "" if _bare(self._service) == f"{HERE}:1883" else f" --broker {_bare(self._service)}"
        observatory = "" if name == "auxtel" else f" --observatory {name}"
        yield f"cscsim watch '{csc}.*' --acks{broker}{observatory}"

    def _command(self, record: Record) -> None:
        self._commands[record["seq"]] = record

    def _ack(self, record: Record) -> None:
        final = record["ack"] not in _NOT_FINAL
        asked = self._commands.pop(record["seq"], None) if final else self._commands.get(record["seq"])
        if asked is None:
            return
        if final:
            self._under_way.discard(record["seq"])
            self._line(record, self._asked(asked), *_ending(record, record["t"] - asked["t"]))
        elif record["seq"] not in self._under_way:
            self._under_way.add(record["seq"])
            self._line(record, self._asked(asked), (" … ", "yellow"), "under way")

    def _asked(self, record: Record) -> Text:
        fields = f" {fields_text(record['data'])}" if record["data"] else ""
        what = Text.assemble((f"{record['who']}.{record['command']}", "bold"), fields)
        what.truncate(_LONGEST, overflow="ellipsis")
        return what.append(f" by {record['by']}", style="dim")

    def _fault(self, record: Record) -> None:
        values = f" {fields_text(record['parameters'])}" if record.get("parameters") else ""
        self._line(record, (f"{record['who']}.{record['fault']}", "bold"), values, (f" {record['what']}", "magenta"))

    def _wire(self, record: Record) -> None:
        what = record.get("command") or record.get("topic") or ""
        because = record.get("because") or f"{record.get('number', '')} messages"
        self._line(record, (f"{record['who']} {what}", "bold"), (f" {record['what']}: ", "yellow"), str(because))

    def _question(self, record: Record) -> None:
        self._line(
            record,
            record.get("question") or record.get("text") or "",
            (" yes, of course", "dim") if "question" in record else "",
        )

    def _line(self, record: Record, *parts: Any) -> None:
        at = clock_time(self._tai_start + record["t"])
        self._console.print(Text.assemble((at, "dim"), "  ", *parts), soft_wrap=True)


def _ending(record: Record, took: float) -> tuple[Any, ...]:
    result = record["result"].removeprefix("Failed: ")
    lasted = (f", after {duration(took)}", "dim") if took >= 1.0 else ""
    if record["ack"] == "COMPLETE":
        return (" ✓ ", "green"), result, lasted
    return (f" ✗ {record['ack']} ", "bold red"), result, lasted


def _bare(service: Service) -> str:
    """Return where the broker is, without the user as whom the observatory is there."""
    scheme = "mqtts" if service.address.tls else "mqtt"
    return f"{scheme}://{service.address.host}:{service.address.port}"
