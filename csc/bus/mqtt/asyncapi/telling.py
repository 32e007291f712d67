"""The words of the document, and the brokers that it names."""

from __future__ import annotations

from typing import Any

__all__ = ["ABOUT", "SECURITY", "SERVERS"]

ABOUT = """\
The simulated components of an observatory, as services on an MQTT broker.

- The application described here is the observatory: it *receives* what clients send, and *sends* what they hear.
- All topics begin with `{root}`; the number is the version of the tree and of its payloads.
- A payload is one JSON object of at most {largest} bytes: the topic's fields, flat, in SAL's units (`x-unit`), and
  private fields beside them. An empty payload is an empty object.
- Fields that are left out of a command have SAL's default, and those of a list that is too short.
- Fields that a client does not know are to be passed over.
- `NaN`, `Infinity` and `-Infinity` are texts. A command takes none of them.
- Where a command expects a boolean, 0 and 1 are taken too.
- Each command, and each fault that is asked for, has exactly one final acknowledgement.
- With `private_replyTo`, a topic below `{replies}`, it goes there, otherwise to `ack`.
- A request with a `private_correlation` that was seen already is not carried out again: the acknowledgement that it
  had last is repeated.
- `x-role` is the least role that a client needs: observe, operate or inject; each may do what the one before it may.
- `x-revision` is what `private_revCode` says: it changes with the name, type, unit or length of a field.
- `x-names` and `x-bits` are the names that SAL has for numbers and for bits.
- Topics that are not simulated are never sent, and are left out.
"""
SERVERS: dict[str, Any] = {
    "loopback": {
        "host": "127.0.0.1:{port}",
        "protocol": "mqtt",
        "protocolVersion": "3.1.1",
        "description": "A broker on this machine, which asks nobody who they are.",
        "variables": {"port": {"default": "1883", "description": "port of the broker"}},
    },
    "network": {
        "host": "{host}:{port}",
        "protocol": "mqtts",
        "protocolVersion": "3.1.1",
        "description": "A broker elsewhere. What MQTT 5 adds is used where the broker has it.",
        "variables": {
            "host": {"default": "broker.example", "description": "its name or address"},
            "port": {"default": "8883", "description": "its port for TLS"},
        },
        "security": [{"$ref": "#/components/securitySchemes/user"}, {"$ref": "#/components/securitySchemes/key"}],
    },
}
SECURITY: dict[str, Any] = {
    "user": {"type": "userPassword", "description": "A user of the broker; the broker's files say which role it has."},
    "key": {
        "type": "X509",
        "description": "A client's own certificate, where the broker is set up to know users by it.",
    },
}
