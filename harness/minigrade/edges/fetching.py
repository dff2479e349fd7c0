"""``minigrade data``: what data there is, getting more of it, and writing it for others."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minigrade.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from minigrade.data.records import Mnist, Sentences, Vectors
    from minigrade.data.sources import Kind

app = typer.Typer(
    help="Digits, sentences and word vectors: list them, fetch more, export them.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class SourceName(StrEnum):
    """Where data may come from."""

    AUTO = "auto"
    DIRECTORY = "directory"
    CACHE = "cache"
    EMBEDDED = "embedded"


DataFolder = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="DIR", help="Data of yours; or set MINIGRADE_DATA_DIR."),
]
AnyData = Annotated[bool, typer.Option("--any-data", help="Accept data that is not known by hash.")]


@app.callback(invoke_without_command=True)
def data(context: typer.Context) -> None:
    """List the data there is; see also `minigrade data fetch` and `minigrade data export`."""
    if context.invoked_subcommand is None:
        raise typer.Exit(_list(None, any_data=False))


@app.command("list")
def list_data(data_dir: DataFolder = None, any_data: AnyData = False) -> None:
    """List the data there is, with hashes, and which of it is used.

    Exit status: 0 all of it is right, 2 something is damaged or incomplete.
    """
    raise typer.Exit(_list(data_dir, any_data=any_data))


@app.command()
def fetch(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]…", help="Some of mnist, fashion-mnist, sst-2, glove."),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option("--from", metavar="URL|DIR", help="Look here before the published addresses."),
    ] = None,
) -> None:
    """Download published data into the cache, whole and checked by hash.

    Without a name: mnist, sst-2 and glove (880 MB to download, 190 MB to keep).
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TaskID,
        TextColumn,
        TransferSpeedColumn,
    )

    from minigrade.data import downloading
    from minigrade.data.catalog import DOWNLOADS
    from minigrade.data.sources import cache_folder

    wanted = names or ["mnist", "sst-2", "glove"]
    if unknown := [name for name in wanted if name not in DOWNLOADS]:
        raise DataError(f"no data set {unknown[0]!r}; expected some of {', '.join(DOWNLOADS)}")
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TransferSpeedColumn(), console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(name: str, done_bytes: int, size_bytes: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=size_bytes)
            bars.update(tasks[name], completed=done_bytes)

        for name in wanted:
            folder = cache_folder() / name
            for file in downloading.fetch(name, folder, base=base, progress=tell):
                typer.echo(file)


@app.command()
def export(
    dest: Annotated[Path, typer.Argument(help="A new folder.")],
    source: Annotated[SourceName, typer.Option("--source", help="Where from.")] = SourceName.AUTO,
    data_dir: DataFolder = None,
    any_data: AnyData = False,
) -> None:
    """Write the data in its usual formats: IDX, SST-2's tables, GloVe's text.

    For scripts that know nothing of minigrade, as those in the reference's `project/`.
    """
    from minigrade.data import exporting

    for provenance in exporting.export(
        dest, data_dir, source=source.value, check_hash=not any_data
    ):
        typer.echo(provenance)


def _list(data_dir: Path | None, *, any_data: bool) -> int:
    """Print every source of every kind of data, with a star where it is used."""
    from minigrade.data import sources

    explicit = sources.explicit_folder(data_dir)
    wrong = 0
    for kind in (sources.DIGITS, sources.SENTENCES, sources.VECTORS):
        typer.echo(kind.what)
        used = False
        for name, folder in _candidates(kind, explicit):
            text, state = _describe(kind, name, folder, check_hash=not any_data)
            wrong += state is False
            star = "*" if state is not None and not used and name in _SOURCES else " "
            used = used or star == "*"
            typer.echo(f"  {star} {name:<14} {text}")
    typer.echo("* is used, unless a command names another source")
    return 2 if wrong else 0


_SOURCES = ("directory", "cache", "embedded")


def _candidates(kind: Kind, explicit: Path | None) -> list[tuple[str, Path | None]]:
    """Return names of sources, and their folders, in the order of their right to be used."""
    from minigrade.data.sources import DIGITS, cache_folder

    found: list[tuple[str, Path | None]] = [("directory", explicit)] if explicit else []
    found += [("cache", cache_folder() / kind.fetched), ("embedded", None)]
    fashion = cache_folder() / "fashion-mnist"
    if kind is DIGITS and fashion.is_dir():
        found.append(("--data-dir", fashion))
    return found


def _describe(
    kind: Kind, name: str, folder: Path | None, *, check_hash: bool
) -> tuple[str, bool | None]:
    """Return what a source holds, and whether it is right; None when it holds nothing."""
    from minigrade.data import loading, sources
    from minigrade.data.catalog import DOWNLOADS

    load: dict[str, Callable[..., Mnist | Sentences | Vectors]] = {
        sources.DIGITS.what: loading.load_mnist,
        sources.SENTENCES.what: loading.load_sentences,
        sources.VECTORS.what: loading.load_vectors,
    }
    try:
        if name == "cache" and folder is not None and not kind.places(folder):
            size = sum(download.size_bytes for download in DOWNLOADS[kind.fetched])
            return f"empty; `minigrade data fetch {kind.fetched}` gets {size / 1e6:,.1f} MB", None
        source = "embedded" if folder is None else "directory"
        found = load[kind.what](folder, source=source, check_hash=check_hash).provenance
    except DataError as error:
        return f"WRONG: {error}", False
    counts = ", ".join(f"{n:,} {what}" for what, n in found.counts.items())
    files = [f"{file.sha256}  {file.size_bytes:>11,}  {file.path}" for file in found.files]
    return "\n      ".join([f"{found.dataset}: {counts}", *files]), True
