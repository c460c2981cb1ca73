"""The Model Context Protocol, by its official SDK; the only module that imports it.

Each request has a session manager of its own, so that nothing outlives a request and the
application needs no start or end.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qs, urlsplit

import mcp_types as types
from anyio.to_thread import run_sync
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

import kb
from kb.errors import KidoError, NotFound
from kb.server.mcp import shapes as m
from kb.server.mcp.tools import INSTRUCTIONS, TOOLS, Tool
from kb.server.problems import INTERNAL, InvalidRequest, of_error, of_validation, unexpected
from kb.server.security import MAX_BODY

if TYPE_CHECKING:
    from kb.assembly import KnowledgeBase, View

log = logging.getLogger("kb.server")

RESOURCES = "kido://documents"
RESOURCES_A_PAGE = 100
_READ_ONLY = types.ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_BY_NAME = {tool.name: tool for tool in TOOLS}
_Context = object  # what the SDK knows of a request; no handler needs it
_T = TypeVar("_T")


def handler(knowledge: KnowledgeBase) -> ASGIApp:
    """The ASGI application that speaks the protocol over streamable HTTP, without sessions.

    Host and Origin have been checked when a request gets here.
    """
    server = _server(knowledge)
    checked_before = TransportSecuritySettings(enable_dns_rebinding_protection=False)

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        manager = StreamableHTTPSessionManager(
            server,
            json_response=True,
            stateless=True,
            security_settings=checked_before,
            max_request_body_size=MAX_BODY,
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    return handle


def _server(knowledge: KnowledgeBase) -> Server:
    async def viewed(work: Callable[[View], _T]) -> _T:
        def within() -> _T:
            with knowledge.view() as view:
                return work(view)

        return await run_sync(within)

    async def list_tools(
        context: _Context, parameters: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in TOOLS])

    async def call_tool(
        context: _Context, parameters: types.CallToolRequestParams
    ) -> types.CallToolResult:
        tool = _BY_NAME.get(parameters.name)
        if tool is None:
            names = ", ".join(_BY_NAME)
            return _failed(f"not-found: there is no tool {parameters.name[:60]!r}; use {names}")
        try:
            given = tool.arguments.model_validate(parameters.arguments or {})
            result = await viewed(lambda view: tool.run(view, given))
        except Exception as error:
            return _failed(_message(error, tool.name))
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=result.model_dump_json(by_alias=True))],
            structured_content=result.model_dump(mode="json", by_alias=True),
        )

    async def list_resources(
        context: _Context, parameters: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        try:
            start = _offset(parameters.cursor if parameters else None)
            return await viewed(lambda view: _listed(view, start))
        except (KidoError, InvalidRequest) as error:
            raise _refusal(error) from error

    async def list_templates(
        context: _Context, parameters: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        template = types.ResourceTemplate(
            name="document_text",
            title="資料の本文",
            uri_template=f"{RESOURCES}/{{document_id}}{{?start,end}}",
            description=(
                "The text of a document, or a part of it by offsets in Unicode code points; at "
                f"most {m.MAX_PART} characters at once, `_meta.next_start` says where to go on."
            ),
            mime_type="text/plain",
        )
        return types.ListResourceTemplatesResult(resource_templates=[template])

    async def read_resource(
        context: _Context, parameters: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        try:
            return await viewed(lambda view: _read(view, parameters.uri))
        except (KidoError, InvalidRequest) as error:
            raise _refusal(error) from error

    return Server(
        "kido",
        title="Kido（希土）",
        version=kb.__version__,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
    )


def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.arguments.model_json_schema(by_alias=True),
        output_schema=tool.result.model_json_schema(by_alias=True, mode="serialization"),
        annotations=_READ_ONLY,
    )


def _failed(message: str) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=message)], is_error=True
    )


def _message(error: Exception, what: str) -> str:
    """What is said of an error: the slug of its kind and one sentence."""
    if isinstance(error, ValidationError):
        found = of_validation(error.errors(include_url=False, include_input=False))
    else:
        problem = of_error(error)
        if problem is None:
            log.error("unexpected error in %s of /mcp", what, exc_info=error)
        found = problem or unexpected()
    detail = found.body()["detail"] if found.kind is not INTERNAL else found.detail
    return f"{found.kind.slug}: {detail}"


def _refusal(error: Exception) -> MCPError:
    code = types.INTERNAL_ERROR
    if isinstance(error, NotFound | InvalidRequest):
        code = types.INVALID_PARAMS
    return MCPError(code=code, message=_message(error, "a resource"))


def _listed(view: View, start: int) -> types.ListResourcesResult:
    summaries = view.summaries()
    end = start + RESOURCES_A_PAGE
    return types.ListResourcesResult(
        resources=[
            types.Resource(
                name=summary.path,
                title=summary.title,
                uri=f"{RESOURCES}/{summary.id}",
                description=", ".join(filter(None, (summary.publisher, summary.issued))) or None,
                mime_type="text/plain",
            )
            for summary in summaries[start:end]
        ],
        next_cursor=str(end) if end < len(summaries) else None,
        _meta={"generation": view.generation},
    )


def _offset(value: str | None) -> int:
    if value is None:
        return 0
    if not (value.isascii() and value.isdecimal() and len(value) < 12):
        raise InvalidRequest("offset", f"{value[:20]!r} is not a whole number")
    return int(value)


def _read(view: View, uri: str) -> types.ReadResourceResult:
    """A part of a text. Raises NotFound, InvalidRequest."""
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        raise NotFound(
            f"{uri[:80]!r} is no address ({error}); documents are {RESOURCES}/ID"
        ) from error
    address, document_id = f"{parts.scheme}://{parts.netloc}", parts.path.removeprefix("/")
    if address != RESOURCES or not document_id or "/" in document_id:
        raise NotFound(f"there is no resource {uri[:80]!r}; documents are {RESOURCES}/ID")
    text = view.document(document_id).text
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if unknown := set(query) - {"start", "end"}:
        raise InvalidRequest("uri", f"{sorted(unknown)} cannot be given; start and end can")
    start = _offset(query.get("start"))
    end = _offset(query.get("end")) if "end" in query else len(text)
    if not start <= end <= len(text):
        raise InvalidRequest(
            "uri", f"{start} to {end} is no part of the text, which has {len(text)} characters"
        )
    end = min(end, start + m.MAX_PART)
    part = types.TextResourceContents(
        uri=uri,
        mime_type="text/plain",
        text=text[start:end],
        _meta={
            "generation": view.generation,
            "start": start,
            "end": end,
            "length": len(text),
            "next_start": end if end < len(text) else None,
        },
    )
    return types.ReadResourceResult(contents=[part])
