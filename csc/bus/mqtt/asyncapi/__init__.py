"""The AsyncAPI document of an observatory, made from its data sheets."""

from csc.bus.mqtt.asyncapi.document import asyncapi_document
from csc.bus.mqtt.asyncapi.fields import arguments_schema, sample_schema

__all__ = ["arguments_schema", "asyncapi_document", "sample_schema"]
