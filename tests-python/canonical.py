"""Values of Delta rows as three readers hand them out, brought to one form that can be compared."""

import json
import math

import numpy as np
import pandas as pd
from deltalake.schema import ArrayType, MapType, StructType


def rows(records, schema):
    """The rows as sorted JSON lines; equal content gives equal lists."""
    return sorted(
        json.dumps([value(record[f.name], f.type) for f in schema.fields]) for record in records
    )


def value(found, of):
    """One value of the Delta type ``of``; every kind of missing value becomes None."""
    if missing(found):
        return None
    if isinstance(of, ArrayType):
        return [value(item, of.element_type) for item in found]
    if isinstance(of, StructType):
        return [value(found[f.name], f.type) for f in of.fields]
    if isinstance(of, MapType):
        return sorted([value(k, of.key_type), value(v, of.value_type)] for k, v in _pairs(found))
    return _primitive(found, of.type)


def _primitive(found, kind):
    if kind == "timestamp":
        moment = pd.Timestamp(found)
        moment = moment.tz_localize("UTC") if moment.tz is None else moment.tz_convert("UTC")
        return moment.isoformat(timespec="microseconds")
    if kind == "date":
        return str(found)[:10]
    if kind in ("byte", "short", "integer", "long"):
        # Only a float can hide a fraction; a long beyond 2**53 is no float.
        if isinstance(found, (float, np.floating)):
            assert float(found).is_integer(), f"{found!r} is no whole number"
        return int(found)
    if kind in ("float", "double"):
        return float(found)
    if kind == "boolean":
        return bool(found)
    assert kind == "string", f"{kind} needs a canonical form here"
    assert isinstance(found, str), f"{found!r} is no string"
    return found


def _pairs(found):
    """Entries of a map: a dict, pairs, or structs of key and value."""
    if isinstance(found, dict):
        return found.items()
    return [(e["key"], e["value"]) if isinstance(e, dict) else tuple(e) for e in found]


def missing(found):
    if found is None or found is pd.NaT or found is pd.NA:
        return True
    return isinstance(found, (float, np.floating)) and math.isnan(found)
