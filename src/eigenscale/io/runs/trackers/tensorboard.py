"""Scalars of TensorBoard event files, decoded here so that nothing need be installed.

An event file is a sequence of TFRecords (length, checksum, bytes, checksum) of protocol-buffer
messages ``Event``; only the fields that carry scalars are decoded. Field numbers are those of
``event.proto``, ``summary.proto`` and ``tensor.proto`` of TensorFlow.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eigenscale.errors import InputError
from eigenscale.io.tables.table import Table, from_records

_FLOAT, _DOUBLE, _HALF, _BFLOAT16 = 1, 2, 19, 14
_WIRE_VARINT, _WIRE_64, _WIRE_BYTES, _WIRE_32 = 0, 1, 2, 5
_LARGEST = 1 << 30


def read_event_file(path: Path) -> Table:
    """Read the scalars of one event file, one row per step."""
    try:
        rows = _rows(path)
    except (IndexError, struct.error):
        raise InputError(f"{path}: is not a TensorBoard event file, or is damaged") from None
    if not rows:
        raise InputError(f"{path}: the event file holds no scalars; log the loss as a scalar")
    return from_records(rows, str(path), log=True)


def _rows(path: Path) -> list[dict[str, Any]]:
    """Gather the scalars of a step; steps that go back begin a new part (a restart)."""
    rows: dict[tuple[int, int], dict[str, Any]] = {}
    part, previous = 0, -1
    for step, scalars in _events(path):
        if step < previous:
            part += 1
        previous = step
        rows.setdefault((part, step), {"step": step}).update(scalars)
    return list(rows.values())


def _events(path: Path) -> Iterator[tuple[int, dict[str, float]]]:
    for record in _records(path):
        step, scalars = 0, {}
        for number, value in _fields(record):
            if number == 2 and isinstance(value, int):
                step = value
            elif number == 5 and isinstance(value, bytes):
                scalars.update(_summary(value))
        if scalars:
            yield step, scalars


def _records(path: Path) -> Iterator[bytes]:
    """Yield the records; one cut short at the end (a run still writing) is left out."""
    data = path.read_bytes()
    place = 0
    while place + 12 <= len(data):
        (length,) = struct.unpack_from("<Q", data, place)
        if length > _LARGEST:
            raise InputError(f"{path}: is not a TensorBoard event file, or is damaged at {place}")
        start, place = place + 12, place + 12 + length + 4
        if place > len(data):
            return
        yield data[start : start + length]


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield (field number, value) of a message: an int, or bytes still to be read."""
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        number, wire = key >> 3, key & 7
        if wire == _WIRE_VARINT:
            value, place = _varint(data, place)
            yield number, value
            continue
        if wire == _WIRE_BYTES:
            size, place = _varint(data, place)
        elif wire in {_WIRE_64, _WIRE_32}:
            size = 8 if wire == _WIRE_64 else 4
        else:
            raise InputError(f"an event has wire type {wire}, which scalars do not use")
        yield number, data[place : place + size]
        place += size


def _summary(data: bytes) -> dict[str, float]:
    found: dict[str, float] = {}
    for number, value in _fields(data):
        if number != 1 or not isinstance(value, bytes):
            continue
        tag, scalar = "", None
        for inner, content in _fields(value):
            if inner == 1 and isinstance(content, bytes):
                tag = content.decode("utf-8", errors="replace")
            elif inner == 2 and isinstance(content, bytes):
                scalar = struct.unpack("<f", content)[0]
            elif inner == 8 and isinstance(content, bytes):
                scalar = _tensor(content)
        if scalar is not None:
            found[tag] = float(scalar)
    return found


def _tensor(data: bytes) -> float | None:
    """Read a tensor of one floating-point number; None for anything else."""
    kind, content, dimensions = 0, b"", 1
    for number, value in _fields(data):
        if number == 1 and isinstance(value, int):
            kind = value
        elif number == 2 and isinstance(value, bytes):
            dimensions = _size(value)
        elif number in {4, 5, 6} and isinstance(value, bytes):
            content = value
    formats = {_FLOAT: "<f", _DOUBLE: "<d", _HALF: "<e"}
    if kind not in formats or dimensions != 1 or len(content) != struct.calcsize(formats[kind]):
        return None
    return float(struct.unpack(formats[kind], content)[0])


def _size(shape: bytes) -> int:
    size = 1
    for number, dimension in _fields(shape):
        if number == 2 and isinstance(dimension, bytes):
            for inner, value in _fields(dimension):
                if inner == 1 and isinstance(value, int):
                    size *= value
    return size
