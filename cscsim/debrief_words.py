"""What a debrief says, in words that the terminal and the page share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from csc import load_catalogue
from csc.disturbances import DISTURBANCES
from cscsim.style import duration, time_of
from procedures.debrief import Debrief, Guided
from procedures.scoring import Figure

__all__ = [
    "FaultFacts",
    "GuideLine",
    "Line",
    "circumstances",
    "fault_facts",
    "guide_line",
    "how_it_ended",
    "image_counts",
    "shown",
    "story",
]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of what happened, in record `n` at simulated time `t` [s]."""

    t: float
    n: int
    what: str
    text: str
    is_trouble: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideLine:
    """A step of the guide; `sign` says at a glance whether it was done, `otherwise` what there is to say if not."""

    name: str
    does: str
    sign: str
    done: tuple[str, ...]
    otherwise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultFacts:
    """What a data sheet says of a fault."""

    name: str
    effect: str
    seen: str
    cure: str


def circumstances(debrief: Debrief) -> str:
    """Say what was run, and where."""
    said = debrief.circumstances
    words = [f"procedure {said['procedure']}"] if said.get("procedure") else []
    words += [f"observatory {said['observatory']}", f"seed {said['seed']}"]
    words += [f"training {said['training']}"] if said.get("training") else []
    words += [f"scenario {said['scenario']}"] if said.get("scenario") else []
    words += [f"fault {fault}" for fault in said["faults"]]
    words += [f"{key}={value}" for key, value in said["config"].items()]
    return " · ".join(words)


def how_it_ended(debrief: Debrief) -> str:
    """Say how the run ended, or that its journal was cut."""
    if not debrief.is_whole:
        return f"Cut at {time_of(debrief.seconds)}, before the run had ended"
    words = f"{debrief.outcome.capitalize()} after {duration(debrief.seconds)} of simulated time"
    return f"{words}: {debrief.because}" if debrief.because else words


def shown(figure: Figure) -> str:
    """Write the value of a figure."""
    if figure.value is None:
        return "–"
    if figure.unit == "s":
        return duration(float(figure.value))
    return f"{figure.value} of {figure.of}" if figure.of is not None else str(figure.value)


def story(debrief: Debrief) -> list[Line]:
    """Return what happened that matters to a person, in order."""
    timeline = debrief.timeline
    lines = [Line(act.t, act.n, act.by, str(act)) for act in timeline.acts]
    for fault in timeline.faults:
        ended = "" if fault.end is None else f"; {fault.what} at {time_of(fault.end)}"
        lines.append(Line(fault.begin, fault.n, "fault", f"{fault.text}{ended}", is_trouble=True))
    told = {act.what for act in timeline.acts if act.kind in ("confirm", "announce")}
    for step in timeline.steps:
        if step.label in told and step.what == "done":
            continue  # what the person did says it all
        how = f"{step.what}{f' at {time_of(step.end)}' if step.end is not None else ''}"
        failed = step.what == "failed"
        lines.append(Line(step.begin, step.n, "step", f"{step.label}: {step.text or how}; {how}", is_trouble=failed))
    for script in timeline.scripts:
        how = f"{script.what}{f' at {time_of(script.end)}' if script.end is not None else ''}"
        failed = script.what in ("FAILED", "CONFIGURE_FAILED")
        lines.append(
            Line(script.begin, script.n, "script", f"{script.label} ({script.text}): {how}", is_trouble=failed)
        )
    for name, spans in timeline.states.items():
        lines += [
            Line(span.begin, span.n, "state", f"{name} is {span.what}", is_trouble=span.what == "FAULT")
            for span in spans
        ]
    lines += [Line(each.t, each.n, "does not hold", each.text, is_trouble=True) for each in timeline.violations]
    lines += [Line(each.t, each.n, "goal", each.text) for each in timeline.goals]
    lines += [Line(each.t, each.n, each.kind, each.text) for each in timeline.endings]
    return sorted(lines, key=lambda line: line.n)


def fault_facts(debrief: Debrief) -> list[FaultFacts]:
    """Return what the data sheets say of the faults that there were, each once, in order."""
    catalogue = load_catalogue()
    found: dict[str, FaultFacts] = {}
    for span in debrief.timeline.faults:
        component, _, name = span.label.rpartition(".")
        plan = catalogue.get(component.partition(":")[0])
        fault = None if plan is None else plan.faults.get(name)
        if fault is None and name in DISTURBANCES:
            fault = DISTURBANCES[name].as_fault()
        if fault is not None:
            found.setdefault(
                span.label,
                FaultFacts(name=span.label, effect=fault.meaning, seen=_line(fault.seen), cure=_line(fault.cure)),
            )
    return list(found.values())


def _line(text: str) -> str:
    return " ".join(text.split())


def guide_line(each: Guided) -> GuideLine:
    """Write a step of the guide."""
    if not each.id:
        return GuideLine(name=each.name, does="the guide has no such step", sign="+", done=_acts(each), otherwise="")
    failed = each.outcome in ("failed", "stopped")
    sign = "✗" if failed else "✓" if each.was_done else "–"
    told = each.name.partition(" ")[2]  # of a step without a name of its own: its kind, and what it does
    name = "" if told and each.does.startswith(told) else each.name
    return GuideLine(
        name=each.id,
        does=": ".join(dict.fromkeys(text for text in (name, each.does) if text)),
        sign=sign,
        done=_acts(each),
        otherwise=each.outcome or "nothing tells that it was done",
    )


def _acts(each: Guided) -> tuple[str, ...]:
    outcome = f" ({each.outcome})" if each.outcome and each.outcome != "done" else ""
    return tuple(f"{time_of(act.t)} {act}{outcome}" for act in each.acts)


def image_counts(debrief: Debrief) -> list[tuple[str, str, str]]:
    """Return how many images there are of each type and exposure time; of many times only how many."""
    found = Counter((each.image_type, each.exposure_time) for each in debrief.timeline.images)
    return list(_counted(found))


def _counted(found: Counter[tuple[str, float]]) -> Iterator[tuple[str, str, str]]:
    for kind in dict.fromkeys(kind for kind, _ in found):
        times = {time: number for (of, time), number in found.items() if of == kind}
        if len(times) > 8:
            yield kind, f"{min(times):g} to {max(times):g} s", str(sum(times.values()))
        else:
            for time, number in times.items():
                yield kind, f"{time:g} s", str(number)
