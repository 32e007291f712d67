"""Files of campaigns: ``sim_configs/campaigns/*.yaml``, or one's own."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from cscsim.campaign_plan import Plan, check_plan
from cscsim.locate import is_path, known
from fsm import AuthorError, Document, load_document, nearest, validate
from procedures.campaign import SafeSheet, safe_conditions

__all__ = ["CampaignSheet", "read_campaign"]


class CampaignSheet(BaseModel):
    """A campaign, as its author writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    campaign: str
    title: str = ""
    procedures: tuple[str, ...] = Field(min_length=1)
    faults: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    seeds: int = Field(default=1, ge=1)
    at: tuple[str, ...] = ("beginning",)
    sample: int | None = Field(default=None, ge=1)
    observatory: str | None = None
    parameters: str | None = None
    settings: Mapping[str, Any] = Field(default_factory=dict)
    safe_end: tuple[SafeSheet, ...] = ()


def read_campaign(name: str) -> Plan:
    """Read a campaign, by name or path, and check every name in it.

    Raises
    ------
    AuthorErrors
        With every mistake of the file.
    """
    document = _document(name)
    sheet = validate(document, CampaignSheet)
    if not sheet.faults and not sheet.scenarios:
        raise AuthorError.at(
            document.position(("campaign",)), "it has neither `faults` nor `scenarios`: nothing to try"
        )
    plan = Plan(
        name=sheet.campaign,
        title=sheet.title,
        procedures=sheet.procedures,
        faults=sheet.faults,
        scenarios=sheet.scenarios,
        seeds=tuple(range(1, sheet.seeds + 1)),
        at=sheet.at,
        sample=sheet.sample,
        observatory=sheet.observatory,
        parameter_set=sheet.parameters,
        settings=tuple(f"{key}={_typed(value)}" for key, value in sheet.settings.items()),
        safe_end=tuple((each.name, each.that) for each in sheet.safe_end),
    )
    check_plan(plan, lambda key, number: document.position((key, number)))
    _check_safe_end(plan, document)
    return plan


def _document(name: str) -> Document:
    if is_path(name):
        return load_document(Path(name), name=name)
    names = known("campaigns")
    if name not in names:
        raise AuthorError(f"there is no campaign {name}", suggestion=nearest(name, names))
    with as_file(files("sim_configs") / "campaigns" / f"{name}.yaml") as path:
        return load_document(path, name=path.name)


def _check_safe_end(plan: Plan, document: Document) -> None:
    for number, each in enumerate(plan.safe_end):
        for procedure in plan.procedures:
            try:
                safe_conditions(plan.site(procedure).truth, (each,))
            except AuthorError as error:
                at = document.position(("safe_end", number, "that"))
                raise AuthorError.at(at, error.message, suggestion=error.suggestion) from error


def _typed(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value)
