"""Show a launch as one self-contained HTML page, without scripts.

The template escapes whatever it is given, `sheet_of` has cleaned it before, and
the page's content security policy admits its own style sheet and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources

import jinja2
from markupsafe import Markup

from minigrade.edges.traffic import Sheet
from minigrade.simt import Trace


def render_kernel_page(sheet: Sheet, trace: Trace) -> str:
    """Return `sheet` as an HTML document, with the totals of `trace`."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("minigrade.edges"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    folder = resources.files("minigrade.edges").joinpath("templates")
    texts = [folder.joinpath(name).read_text("utf-8") for name in ("report.css", "kernel.css")]
    style = "\n".join(texts).replace("\r\n", "\n")  # as browsers do before the digest
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template("kernel.html.j2").render(
        sheet=sheet,
        trace=trace,
        style=Markup(style),  # noqa: S704  (files of ours)
        style_digest=f"sha256-{digest}",
    )
