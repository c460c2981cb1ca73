"""A file that is sent: its bytes go to the disk as they come, never into memory as a whole."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from time import monotonic

from anyio import fail_after
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from kb.ingest.uploads import Upload
from kb.server.problems import BAD_REQUEST, TOO_LARGE, TOO_SLOW, Problem, Refused

STALLED = 30.0  # seconds without a byte
PACE = 16 * 1024  # bytes in a second that have to come on average, after as many seconds
# It warns of each form that is not one; the answer says so, and the log is not for strangers.
logging.getLogger("python_multipart").setLevel(logging.ERROR)
_MOST_PARTS = 16
_LONGEST_FIELD = 4096  # bytes; also of the headers of a part
_AROUND = 64 * 1024  # bytes of a form besides its file

Begin = Callable[[Mapping[str, str]], Upload]


async def received(
    request: Request, begin: Begin, *, name: str | None, max_bytes: int
) -> tuple[Upload, str, Mapping[str, str]]:
    """The file of a request, its name, and the fields that came with it.

    A form has it in a part with a file name; else it is the body itself, and `name` says what
    it is called. `begin` is called when the file begins, with the fields before it.
    Raises Refused, and what `begin` and the upload raise.
    """
    most = max_bytes + _AROUND
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated[:20]) > most:
        raise Refused(Problem(TOO_LARGE, f"a file may have {max_bytes} bytes at most"))
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        if name is None:
            raise Refused(Problem(BAD_REQUEST, "give ?name= with the body, or send a form"))
        upload = begin({})
        async for chunk in _chunks(request, most):
            upload.write(chunk)
        return upload, name, {}
    form = _Form(begin, options.get(b"boundary", b""))
    async for chunk in _chunks(request, most):
        form.feed(chunk)
    return form.finished(name)


async def _chunks(request: Request, most: int) -> AsyncIterator[bytes]:
    stream = request.stream()
    began, came = monotonic(), 0
    while True:
        until = STALLED + came / PACE - (monotonic() - began)
        try:
            with fail_after(max(0.0, min(STALLED, until))):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            detail = f"nothing came for {STALLED:.0f} s, or too little; send it again"
            raise Refused(Problem(TOO_SLOW, detail, headers={"Connection": "close"})) from error
        except ClientDisconnect as error:
            raise Refused(Problem(BAD_REQUEST, "the connection was closed")) from error
        came += len(chunk)
        if came > most:
            raise Refused(Problem(TOO_LARGE, "the request is larger than a file may be"))
        if chunk:
            yield chunk


class _Form:
    """A multipart form with one file, read piece by piece."""

    def __init__(self, begin: Begin, boundary: bytes) -> None:
        self._begin = begin
        self._fields: dict[str, str] = {}
        self._upload: Upload | None = None
        self._file_name = ""
        self._parts = 0
        self._whole = False
        self._start_part()
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._start_part,
                    "on_header_field": self._header_name,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_end,
                    "on_headers_finished": self._headers_end,
                    "on_part_data": self._data,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise _bad(error) from error

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the body."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise _bad(error) from error

    def finished(self, name: str | None) -> tuple[Upload, str, Mapping[str, str]]:
        """What the form held; `name` goes before the file's own name."""
        if not self._whole or self._upload is None:
            raise _bad("it has no file" if self._whole else "it ends in the middle")
        return self._upload, name or self._file_name, self._fields

    def _start_part(self) -> None:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise _bad("it has too many parts")
        self._name, self._value, self._in_file = b"", bytearray(), False
        self._headers: dict[bytes, bytes] = {}
        self._field, self._field_value = b"", b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._field = self._bounded(self._field + data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._field_value = self._bounded(self._field_value + data[start:end])

    def _header_end(self) -> None:
        self._headers[self._field.lower()] = self._field_value
        self._field, self._field_value = b"", b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"")
        if b"filename" in options:
            if self._upload is not None:
                raise _bad("it has more than one file; send one at a time")
            self._in_file = True
            self._file_name = options[b"filename"].decode("utf-8", "replace")
            self._upload = self._begin(self._fields)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file and self._upload is not None:
            self._upload.write(data[start:end])
        else:
            self._bounded(self._value + data[start:end])
            self._value += data[start:end]

    def _end_part(self) -> None:
        if not self._in_file:
            name = self._name.decode("utf-8", "replace")
            self._fields[name] = self._value.decode("utf-8", "replace")

    def _end(self) -> None:
        self._whole = True

    def _bounded(self, value: bytes | bytearray) -> bytes:
        if len(value) > _LONGEST_FIELD:
            raise _bad("a field is too long")
        return bytes(value)


def _bad(what: object) -> Refused:
    return Refused(Problem(BAD_REQUEST, f"the form cannot be read: {what}"))
