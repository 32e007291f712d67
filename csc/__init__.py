"""The components, what connects them, and what can be done to them."""

from csc.behaviour import Behaviour, Refused, on_enter, on_leave, on_trigger
from csc.blueprint import Blueprint, Command, Fault, Field, Output, Parameter, Topic
from csc.bus import Bus, MemoryBus
from csc.catalogue import Catalogue, load_catalogue
from csc.component import Component
from csc.evidence import EVIDENCE
from csc.messages import Ack, AckError, AckTimeoutError, Sample
from csc.observatory import Observatory, ObservatorySheet, load_observatory, vocabulary_of
from csc.parameter_set import ParameterSet, load_parameter_set, wrong_parameters
from csc.remote import EventReader, Remote, RemoteGroup
from csc.scopes import PublishedReader
from csc.summary_state import AckCode, SummaryState, path_between
from csc.values import parse_value
from csc.vocabulary import ObservatoryVocabulary

__all__ = [
    "EVIDENCE",
    "Ack",
    "AckCode",
    "AckError",
    "AckTimeoutError",
    "Behaviour",
    "Blueprint",
    "Bus",
    "Catalogue",
    "Command",
    "Component",
    "EventReader",
    "Fault",
    "Field",
    "MemoryBus",
    "Observatory",
    "ObservatorySheet",
    "ObservatoryVocabulary",
    "Output",
    "Parameter",
    "ParameterSet",
    "PublishedReader",
    "Refused",
    "Remote",
    "RemoteGroup",
    "Sample",
    "SummaryState",
    "Topic",
    "load_catalogue",
    "load_observatory",
    "load_parameter_set",
    "on_enter",
    "on_leave",
    "on_trigger",
    "parse_value",
    "path_between",
    "vocabulary_of",
    "wrong_parameters",
]
