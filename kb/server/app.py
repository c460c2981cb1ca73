"""The application: API, pages and static files around one knowledge base."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.routing import Route

import kb
from kb.jobs import Jobs
from kb.server import (
    api,
    changes_api,
    changes_page,
    citation_pages,
    citations_api,
    collection_page,
    document_page,
    openapi,
    pages,
    problems,
    search_api,
    security,
    streaming,
    tracker_api,
    tracker_pages,
    turns,
    verify_api,
    writing,
)
from kb.server.assets import web_folder
from kb.server.examples import Examples
from kb.server.mcp.endpoint import McpEndpoint
from kb.server.observing import Measures, Observe, metrics
from kb.server.rendering import Pages
from kb.server.static_files import PREFIX
from kb.server.writers import Writers

if TYPE_CHECKING:
    from kb.assembly import KnowledgeBase


def create_app(knowledge: KnowledgeBase, *, hosts: Iterable[str] = ()) -> FastAPI:
    """The application that serves `knowledge`.

    `hosts` are names that it answers for besides local ones and the address it is bound to.
    Raises AssetsMissing when the folder of the pages is not there.
    """
    folder = web_folder()
    hosts = tuple(hosts)
    app = FastAPI(
        title="Kido",
        version=kb.__version__,
        description=openapi.DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,  # both pages load scripts from other origins
        redoc_url=None,
        generate_unique_id_function=lambda route: openapi.operation_id(route.name),
    )
    app.state.knowledge = knowledge
    app.state.pages = Pages(folder)
    app.state.examples = Examples()
    app.state.jobs = Jobs(knowledge.settings, knowledge.take_up)
    app.state.measures = Measures(knowledge, app.state.jobs)
    app.state.writers = Writers(knowledge, hosts)
    app.state.manuscripts = turns.manuscripts()
    app.state.pictures = turns.pictures()
    app.include_router(search_api.router)
    app.include_router(api.router)
    app.include_router(citations_api.router)
    app.include_router(verify_api.router)
    app.include_router(streaming.router)
    app.include_router(tracker_api.router)
    app.include_router(writing.router)
    app.include_router(changes_api.router)
    app.include_router(changes_api.feed)
    app.include_router(api.health)
    app.include_router(pages.router)
    app.include_router(collection_page.router)
    app.include_router(changes_page.router)
    app.include_router(document_page.router)
    app.include_router(citation_pages.router)
    app.include_router(tracker_pages.router)
    app.router.routes.append(Route("/mcp", McpEndpoint(knowledge, hosts)))
    app.router.routes.append(Route("/metrics", metrics))
    app.mount(PREFIX, app.state.pages.static, name="static")
    problems.install(app)
    openapi.install(app)
    # The last one added sees a request first.
    app.add_middleware(search_api.Shortcut, knowledge=knowledge)
    app.add_middleware(problems.CatchUnexpected)
    per_minute = knowledge.settings.max_requests_a_minute
    app.add_middleware(security.Guard, hosts=hosts, per_minute=per_minute)
    app.add_middleware(Observe, measures=app.state.measures)
    return app
