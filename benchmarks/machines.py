"""The same machine in four libraries: four states, a guard and a callback on every transition.

STANDBY -start-> DISABLED -enable-> ENABLED -disable-> DISABLED -standby-> STANDBY, and FAULT from anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.measure import bytes_each, rate

__all__ = ["ENGINES", "memory", "speed"]

STATES = ("STANDBY", "DISABLED", "ENABLED", "FAULT")
ROWS = (
    ("start", "STANDBY", "DISABLED"),
    ("enable", "DISABLED", "ENABLED"),
    ("disable", "ENABLED", "DISABLED"),
    ("standby", "DISABLED", "STANDBY"),
    ("standby", "FAULT", "STANDBY"),
    ("fault", "STANDBY", "FAULT"),
    ("fault", "DISABLED", "FAULT"),
    ("fault", "ENABLED", "FAULT"),
)
CYCLE = ("start", "enable", "disable", "standby")

Maker = Callable[[], Callable[[str], object]]


def _cscsim() -> Maker:
    from fsm import Flag, Machine, Name, Scope, State, Statechart, Subject, Transition, Value, parse_condition

    class Words:
        def describe(self, name: Name) -> Subject | None:
            return Flag()

        def suggest(self, name: Name) -> str | None:
            return None

    class Host:
        __slots__ = ("count", "ok")

        def __init__(self) -> None:
            self.count = 0
            self.ok = True

        @property
        def scope(self) -> Scope:
            return self

        def read(self, name: Name) -> Value | None:
            return self.ok

        def assign(self, output: str, value: Value | None) -> None:
            raise NotImplementedError

        def start_timer(self, delay: float, due: Callable[[], object]) -> Callable[[], None]:
            raise NotImplementedError

        def moved(self, machine: Machine, row: Transition, source: str) -> None:
            self.count += 1

    guard = parse_condition("ok", Words())
    chart = Statechart(
        name="summary",
        initial="STANDBY",
        states=tuple(State(name=name) for name in STATES),
        transitions=tuple(
            Transition(on=(trigger,), sources=(source,), target=target, guard=guard) for trigger, source, target in ROWS
        ),
    )

    def make() -> Callable[[str], object]:
        return Machine(chart, Host()).fire

    return make


class _Model:
    def __init__(self) -> None:
        self.count = 0
        self.ok = True

    def is_ok(self) -> bool:
        return self.ok

    def changed(self) -> None:
        self.count += 1


def _transitions() -> Maker:
    from transitions import Machine

    rows = [
        {"trigger": f"do_{trigger}", "source": source, "dest": target, "conditions": "is_ok", "after": "changed"}
        for trigger, source, target in ROWS
    ]

    def make() -> Callable[[str], object]:
        model: Any = _Model()
        Machine(model, states=list(STATES), transitions=rows, initial="STANDBY", auto_transitions=False)
        triggers = {trigger: getattr(model, f"do_{trigger}") for trigger in CYCLE}
        return lambda trigger: triggers[trigger]()

    return make


def _sismic() -> Maker:
    from sismic.interpreter import Interpreter
    from sismic.io import import_from_yaml

    lines = ["statechart:", "  name: summary", "  preamble: |", "    n = 0", "    ok = True"]
    lines += ["  root state:", "    name: root", "    initial: STANDBY", "    states:"]
    for state in STATES:
        lines += [f"      - name: {state}", "        transitions:"]
        for trigger, source, target in ROWS:
            if source == state:
                lines += [f"          - event: {trigger}", f"            target: {target}"]
                lines += ["            guard: ok", "            action: n += 1"]
    chart = import_from_yaml(text="\n".join(lines))

    def make() -> Callable[[str], object]:
        interpreter = Interpreter(chart)
        interpreter.execute_once()
        return lambda trigger: interpreter.queue(trigger).execute_once()

    return make


def _python_statemachine() -> Maker:
    from statemachine import State, StateMachine

    states = {name: State(initial=name == "STANDBY") for name in STATES}
    body: dict[str, Any] = {f"at_{name}": state for name, state in states.items()}
    for trigger in ("start", "enable", "disable", "standby", "fault"):
        moves = [
            states[source].to(states[target], cond="is_ok", after="changed")
            for t, source, target in ROWS
            if t == trigger
        ]
        joined = moves[0]
        for move in moves[1:]:
            joined = joined | move
        body[f"do_{trigger}"] = joined

    def start(self: Any) -> None:
        self.count = 0
        self.ok = True
        StateMachine.__init__(self)

    body |= {"__init__": start, "is_ok": _Model.is_ok, "changed": _Model.changed}
    kind: Any = type("Summary", (StateMachine,), body)

    def make() -> Callable[[str], object]:
        machine = kind()
        return lambda trigger: machine.send(f"do_{trigger}")

    return make


ENGINES: dict[str, Callable[[], Maker]] = {
    "cscsim": _cscsim,
    "transitions": _transitions,
    "sismic": _sismic,
    "python-statemachine": _python_statemachine,
}


def speed(engine: str) -> float:
    """Return transitions per CPU second."""
    send = ENGINES[engine]()()

    def work(count: int) -> None:
        for _ in range(count // len(CYCLE)):
            for trigger in CYCLE:
                send(trigger)

    return rate(work, 8_000 if engine == "python-statemachine" else 40_000)


def memory(engine: str) -> float:
    """Return bytes of resident memory per machine."""
    return bytes_each(ENGINES[engine](), 1_000 if engine == "python-statemachine" else 5_000)
