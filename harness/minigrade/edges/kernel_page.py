"""Show a launch as one self-contained HTML page, without scripts.

The template escapes whatever it is given, `sheet_of` has cleaned it before, and
the page's content security policy admits its own style sheet and nothing else.
"""

from __future__ import annotations

from minigrade.edges.documents import environment, style
from minigrade.edges.traffic import Sheet
from minigrade.simt import Trace


def render_kernel_page(sheet: Sheet, trace: Trace) -> str:
    """Return `sheet` as an HTML document, with the totals of `trace`."""
    text, digest = style("report.css", "kernel.css")
    template = environment().get_template("kernel.html.j2")
    return template.render(sheet=sheet, trace=trace, style=text, style_digest=digest)
