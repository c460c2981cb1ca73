"""Templates to pages, in the language of their reader; everything they print is escaped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

import kb
from kb.language.invisible import invisible_spans, names
from kb.server import words
from kb.server.compiled import Compiled
from kb.server.static_files import Static
from kb.server.words import COOKIE, LANGUAGES, Words, language_of, read_catalogues

_MARKED = 8  # signs of a run that are named
_UNSEEN = Markup('<span class="unseen" data-sign="{name}">{sign}</span>')
_SO_FAR = Markup("<!-- -->")  # what stands before it is sent at once
_EMPTY_LINES = re.compile(r"\n[ \t\u3000]*(?=\n)")
_YEAR = 365 * 24 * 3600  # seconds


class Pages:
    """The templates of a folder with the words of each language."""

    def __init__(self, folder: Path) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(folder / "templates"),
            bytecode_cache=Compiled(folder / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.static = Static(folder / "static")
        self._templates.globals["version"] = kb.__version__
        self._templates.globals["static"] = self.static.address
        self._templates.filters["decimal"] = words.decimal
        self._templates.filters["seen"] = seen
        self._templates.filters["close"] = close
        self.catalogues = read_catalogues(folder / "locale")

    def compile(self) -> None:
        """Load every template now, so that nobody waits for one to be compiled."""
        for name in self._templates.list_templates(extensions=["html"]):
            self._templates.get_template(name)

    def words(self, request: Request) -> Words:
        """The words in which a request is answered."""
        return self.catalogues[language_of(request)]

    def page(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """A template as a page. A language that the address names is remembered in a cookie."""
        values |= self._of_reader(request)
        html = self._templates.get_template(template).render(values)
        response = HTMLResponse(html, status, headers)
        self._tell_language(request, response)
        return response

    def _of_reader(self, request: Request) -> dict[str, Any]:
        """What every template knows of its reader."""
        said = self.words(request)
        return {"_": said, "lang": said.language, "switch": _other_language(request, said)}

    def _tell_language(self, request: Request, response: Response) -> None:
        """Say in which language a page is, and keep one that its address names."""
        said = self.words(request)
        response.headers["Content-Language"] = said.language
        response.headers["Vary"] = "Accept-Language, Cookie"
        if request.query_params.get("lang") in LANGUAGES:
            response.set_cookie(COOKIE, said.language, max_age=_YEAR, samesite="lax", httponly=True)

    def page_in_parts(
        self,
        request: Request,
        template: str,
        *,
        rest: Callable[[], Mapping[str, Any]],
        **values: Any,
    ) -> StreamingResponse:
        """A page of which the beginning is sent at once, the rest when `rest` has worked it out.

        The template says with `{% set found = rest() %}` where that is, behind `{{ so_far }}`.
        """
        values |= self._of_reader(request) | {"rest": rest, "so_far": _SO_FAR}
        made = self._templates.get_template(template).generate(values)

        def parts() -> Iterator[str]:
            held = []
            for piece in made:
                held.append(piece)
                if piece == _SO_FAR:
                    yield "".join(held)
                    held.clear()
            yield "".join(held)

        response = StreamingResponse(parts(), media_type="text/html")
        self._tell_language(request, response)
        return response


def seen(text: object) -> Markup:
    """A text in which signs that nobody sees are marked, each by its code point.

    The signs stay, inside of elements from which they turn no direction outside.
    """
    said = str(text)
    spans = invisible_spans(said)
    if not spans:
        return escape(said)
    parts, at = [], 0
    for start, end in spans:
        parts.append(escape(said[at:start]))
        signs, rest = said[start:end][:_MARKED], said[start:end][_MARKED:]
        parts += [_UNSEEN.format(name=names(sign), sign=sign) for sign in signs]
        parts += [_UNSEEN.format(name="…", sign=rest)] if rest else []
        at = end
    return Markup("").join([*parts, escape(said[at:])])


def close(text: str) -> str:
    """A text without its empty lines, where passages are listed close to each other."""
    return _EMPTY_LINES.sub("", text)


def pages_of(request: Request) -> Pages:
    """The templates that the application renders."""
    pages: Pages = request.app.state.pages
    return pages


def _other_language(request: Request, said: Words) -> str:
    """The query of this address in the other language."""
    pairs = [(name, v) for name, v in request.query_params.multi_items() if name != "lang"]
    other = next(language for language in LANGUAGES if language != said.language)
    return urlencode([*pairs, ("lang", other)], errors="replace")
