"""What other clients ask of the components of this process: read, known again if it comes twice, and answered once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from csc.bus.mqtt.acks import encode_ack
from csc.bus.mqtt.payload import Malformed, Private, decode
from csc.bus.mqtt.topics import Place, TopicTree
from csc.bus.mqtt.wire import Message
from csc.fields import shown
from csc.messages import Ack
from csc.summary_state import AckCode
from fsm import Journal

__all__ = ["Asker", "Request", "Requests", "short"]

_REMEMBERED = 10_000
"""Requests that are remembered. Chosen here: minutes of the busiest client, about 3 MB."""
_LONGEST_REPLY_TO = 256  # characters
_LONGEST_NAME = 200  # characters of a name that is journaled as it is, and of what can be asked for
_LONGEST_TAG = 256  # bytes of MQTT 5's own correlation


class MakePrivate(Protocol):
    """Makes the private fields of a message."""

    def __call__(self, seq_num: int, identity: str, **more: Any) -> Private:
        """Return them."""


def short(name: str) -> str:
    """Return a name that somebody sent, as the journal keeps it."""
    return name if len(name) <= _LONGEST_NAME else shown(name)


@dataclass(slots=True, kw_only=True)
class Request:
    """A command, or a fault, that another client asks for.

    Attributes
    ----------
    who, what
        A component here, and the name of the command or fault.
    reply_to
        Topic of its acknowledgements.
    correlation
        By what the client knows it; none, if it has said nothing.
    tag
        The same in MQTT 5's own way, as it came.
    identity
        Who the client says it is.
    told
        The last acknowledgement.
    """

    who: str
    what: str
    reply_to: str
    correlation: str | None = None
    tag: bytes = b""
    identity: str = "unknown"
    seq_num: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    told: Ack | None = None

    def take_fields(self) -> dict[str, Any]:
        """Return its fields, and keep them no longer: it is remembered, and they may be long."""
        fields, self.fields = self.fields, {}
        return fields


class Requests:
    """The requests of other clients.

    Parameters
    ----------
    tree
        The observatory's topics.
    client
        Our own name on the broker: what comes from us is nobody's request.
    journal
        Where it is written what cannot be read.
    publish, private
        Send an answer, and make its private fields.
    next_number
        Gives each request that is new its number.
    """

    def __init__(
        self,
        tree: TopicTree,
        client: str,
        journal: Journal,
        publish: Callable[[Message], None],
        private: MakePrivate,
        next_number: Callable[[], int],
    ) -> None:
        self._tree, self._client, self._journal = tree, client, journal
        self._publish, self._private, self._next_number = publish, private, next_number
        self._known: OrderedDict[tuple[str, str, str], Request] = OrderedDict()

    def read(self, place: Place, message: Message) -> Request | None:
        """Return what is asked for; None if there is nothing more to do.

        One that cannot be read is refused. One that was seen before is told again what it was told last.
        """
        request = Request(who=place.who, what=place.what, reply_to=self._tree.of(place.who, "ack", place.what))
        try:
            if len(place.what) > _LONGEST_NAME:
                raise Malformed(f"a name of {len(place.what)} characters is none: {shown(place.what)}")
            request.fields, private = decode(message.payload)
            request.tag = _tag(message)
            request.correlation = private.correlation or request.tag.decode(errors="backslashreplace") or None
            request.identity = private.identity or request.identity
            request.reply_to = self._reply_topic(private.replyTo or message.answer_to or None, request.reply_to)
        except Malformed as error:
            self._refuse(place, str(error))
            self._say(request, Ack(AckCode.FAILED, 1, f"Failed: {error}"))
            return None
        if self._is_own(request):
            return None
        if message.retain:
            self._refuse(place, "the broker has kept it from former times; what is asked for is not retained")
            return None
        known = self._seen(request)
        if known is not None:
            if known.told is not None:
                self._say(known, known.told)
            return None
        request.seq_num = self._next_number()
        return request

    def _refuse(self, place: Place, because: str) -> None:
        self._journal.write("wire", place.who, what="refused", topic=short(place.what), because=because)

    def _is_own(self, request: Request) -> bool:
        """Tell whether a request is a command of ours once more; its answer would be for us, too."""
        correlation = request.correlation or ""
        return correlation.startswith(f"{self._client}-") and request.reply_to == self._tree.reply(self._client)

    def answer(self, request: Request, ack: Ack) -> None:
        """Acknowledge a request; nothing follows a final acknowledgement."""
        if request.told is None or not request.told.code.is_final:
            request.told = ack
            self._say(request, ack)

    def _say(self, request: Request, ack: Ack) -> None:
        private = self._private(request.seq_num, request.who, correlation=request.correlation)
        self._publish(Message(request.reply_to, encode_ack(request.what, ack, private), correlation=request.tag))

    def _seen(self, request: Request) -> Request | None:
        """Return the request that this one is once more; if there is none, remember this one."""
        if request.correlation is None:
            return None
        key = (request.who, request.reply_to, request.correlation)
        found = self._known.get(key)
        if found is None:
            self._known[key] = request
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found

    def _reply_topic(self, asked: str | None, default: str) -> str:
        if asked is None:
            return default
        name = asked.removeprefix(f"{self._tree.replies}/")
        if name == asked or not name or set(name) & set("+#\0") or len(asked) > _LONGEST_REPLY_TO:
            raise Malformed(f"the reply topic is {shown(asked)}; it begins with {self._tree.replies}/, without + or #")
        return asked


class Asker:
    """Where the acknowledgements of another client's command go."""

    __slots__ = ("_request", "_requests")

    def __init__(self, requests: Requests, request: Request) -> None:
        self._requests, self._request = requests, request

    def __call__(self, ack: Ack) -> None:
        """Tell it."""
        self._requests.answer(self._request, ack)


def _tag(message: Message) -> bytes:
    if len(message.correlation) > _LONGEST_TAG:
        raise Malformed(f"correlation data of {len(message.correlation)} bytes; at most {_LONGEST_TAG} are kept")
    return message.correlation
