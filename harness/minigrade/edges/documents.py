"""What all HTML pages share: the templates' environment, and a style sheet with its digest.

jinja2 is imported when a page is rendered, because the command line imports the
modules of pages to show its help.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


def environment() -> Environment:
    """Return a fresh environment, which escapes whatever a template is given."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("minigrade.edges"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@functools.cache
def style(*names: str) -> tuple[Markup, str]:
    """Return these style sheets as one, and the digest by which the page's policy admits it."""
    from markupsafe import Markup

    folder = resources.files("minigrade.edges").joinpath("templates")
    text = "\n".join(folder.joinpath(name).read_text("utf-8") for name in names)
    text = text.replace("\r\n", "\n")  # as browsers do before they take the digest
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"sha256-{digest}"  # noqa: S704  (files of ours)
