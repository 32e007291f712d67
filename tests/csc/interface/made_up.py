"""A made-up component in the observatory's XML: Kite, with each kind of topic and each way to name an enumeration."""

from __future__ import annotations

from pathlib import Path

__all__ = ["write_folder"]

_SUBSYSTEMS = """<SALSubsystemSet>
  <SALSubsystem><Name>Kite</Name><AddedGenerics>csc,logevent_statusCode</AddedGenerics></SALSubsystem>
  <SALSubsystem><Name>Stone</Name><AddedGenerics/></SALSubsystem>
</SALSubsystemSet>"""

_GENERICS = """<SALObjects>
  <SALCommandSet>
    <SALCommand><EFDB_Topic>SALGeneric_command_enable</EFDB_Topic><Category>csc</Category></SALCommand>
    <SALCommand><EFDB_Topic>SALGeneric_command_enterControl</EFDB_Topic></SALCommand>
  </SALCommandSet>
  <SALEventSet>
    <SALEvent><EFDB_Topic>SALGeneric_logevent_heartbeat</EFDB_Topic><Category>mandatory</Category></SALEvent>
    <SALEvent><EFDB_Topic>SALGeneric_logevent_statusCode</EFDB_Topic></SALEvent>
  </SALEventSet>
</SALObjects>"""

_COMMANDS = """<SALCommandSet>
  <Enumeration>Mode_Slow,Mode_Fast</Enumeration>
  <SALCommand>
    <EFDB_Topic>Kite_command_fly</EFDB_Topic>
    {mode}
  </SALCommand>
</SALCommandSet>"""

_EVENTS = """<SALEventSet>
  <Enumeration>KiteState_OnGround, KiteState_Up</Enumeration>
  <Enumeration>
    Port_Left = 0x10,
    Port_Right = -1
  </Enumeration>
  <SALEvent>
    <EFDB_Topic>Kite_logevent_height</EFDB_Topic>
    {height}
    {state}
  </SALEvent>
  <SALEvent>
    <EFDB_Topic>Kite_logevent_weather</EFDB_Topic>
    {sky}
    {port}
  </SALEvent>
</SALEventSet>"""

_TELEMETRY = """<SALTelemetrySet>
  <SALTelemetry><EFDB_Topic>Kite_line</EFDB_Topic>{tension}</SALTelemetry>
</SALTelemetrySet>"""


def _item(name: str, kind: str, *, unit: str = "unitless", count: int = 1, said: str = "", more: str = "") -> str:
    return (
        f"<item><EFDB_Name>{name}</EFDB_Name><Description>{said}</Description><IDL_Type>{kind}</IDL_Type>"
        f"<Units>{unit}</Units><Count>{count}</Count>{more}</item>"
    )


def write_folder(folder: Path) -> Path:
    """Write the XML of Kite, and what SAL says of it and of Stone, which has none."""
    (folder / "Kite").mkdir()
    files = {
        "SALSubsystems": _SUBSYSTEMS,
        "SALGenerics": _GENERICS,
        "Kite/Kite_Commands": _COMMANDS.format(
            mode=_item("mode", "long", more="<!-- <Enumeration> Mode </Enumeration> -->")
        ),
        "Kite/Kite_Events": _EVENTS.format(
            height=_item("height", "double", unit="m"),
            state=_item("state", "long", said="Where it is; a KiteState enum."),
            sky=_item("sky", "int", more="<Enumeration>Sky_Clear,Sky_Grey</Enumeration>"),
            port=_item("port", "long", said="Port of the sensor."),
        ),
        "Kite/Kite_Telemetry": _TELEMETRY.format(tension=_item("tension", "float", unit="Celsius", count=3)),
    }
    for name, text in files.items():
        (folder / f"{name}.xml").write_text(text, encoding="utf-8")
    return folder
