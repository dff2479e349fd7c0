"""The command line: ``minigrade check``, ``list``, ``replay``, ``simt`` and the staff's commands.

Each command is thin: it names what to grade, calls `minigrade.running`, and shows
the report. Heavy imports stand inside the functions, as ``--help`` needs none.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from minigrade.edges import fetching
from minigrade.errors import MinigradeError

app = typer.Typer(
    name="minigrade",
    help="Grade courses in which students build a small torch.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(fetching.app, name="data")

Targets = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ASSIGNMENT|TASK]…", help="Such as m1 or 1.4; by default the template's."
    ),
]
SubmissionOption = Annotated[
    Path, typer.Option("--submission", metavar="DIR", help="The student's repository.")
]
Jobs = Annotated[
    int, typer.Option("--jobs", min=0, help="Processes that share the work; 0: one a processor.")
]
Seed = Annotated[int, typer.Option("--seed", help="The public seed.")]
Cases = Annotated[
    int | None, typer.Option("--cases", min=1, help="Cases a check, instead of its own number.")
]


def main() -> None:
    """Run the command line; an error of a known kind ends it with one sentence."""
    try:
        app()
    except MinigradeError as error:
        typer.echo(f"minigrade: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        typer.echo(f"minigrade: a bug of ours ({error!r}); please report {_kept()}", err=True)
        sys.exit(3)


def _processes(jobs: int) -> int:
    """Return how many processes `--jobs` means; work is shared on Linux only."""
    if jobs or sys.platform != "linux":
        return jobs or 1
    return len(os.sched_getaffinity(0))


def _kept() -> str:
    """Write the current traceback, which is for us and not for a student, to a file."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="minigrade-bug-", suffix=".txt", delete=False
    ) as file:
        traceback.print_exc(file=file)
    return file.name


@app.command()
def check(
    targets: Targets = None,
    submission: SubmissionOption = Path(),
    json: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write the report; - is stdout.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the report as a page.")
    ] = None,
    cases: Cases = None,
    seed: Seed = 0,
    jobs: Jobs = 0,
    hidden: Annotated[
        bool, typer.Option("--hidden", help="Ask hidden checks too (staff).")
    ] = False,
) -> None:
    """Grade a student's repository.

    Exit status: 0 nothing to mend, 1 something, 2 wrong use or no usable submission, 3 our bug.
    """
    from minigrade.edges import checking

    status = checking.check(
        checking.Wish(
            targets=tuple(targets or ()),
            folder=submission,
            cases=cases,
            seed=seed,
            jobs=_processes(jobs),
            hidden=hidden,
            json=json,
            html=html,
        )
    )
    raise typer.Exit(status)


@app.command()
def simt(
    kernel: Annotated[
        str,
        typer.Argument(
            metavar="FILE:KERNEL",
            help="Such as ops.py:copy, or ops.py:tensor_map(operators.py:add)._map.",
        ),
    ],
    grid: Annotated[str, typer.Option("--grid", metavar="N[,N[,N]]", help="Blocks.")],
    block: Annotated[str, typer.Option("--block", metavar="N[,N[,N]]", help="Threads a block.")],
    arguments: Annotated[
        str,
        typer.Option(
            "--args",
            metavar="LIST",
            help="Such as 'zeros(64), arange(64, int32), random((8, 8)), [1, 2], 64'.",
        ),
    ] = "",
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Draw it as a page.")
    ] = None,
) -> None:
    """Run a CUDA kernel without a GPU: its mistakes, and its traffic a line.

    Exit status: 0 no findings, 1 findings, 2 wrong use or a kernel that cannot be run.
    """
    from minigrade.edges import simulating

    wish = simulating.Wish(kernel=kernel, grid=grid, block=block, arguments=arguments, html=html)
    raise typer.Exit(simulating.simulate(wish))


@app.command("list")
def list_checks(targets: Targets = None) -> None:
    """List assignments, tasks and checks."""
    from minigrade.edges import listing

    listing.print_course(tuple(targets or ()))


@app.command()
def replay(
    task: Annotated[str, typer.Argument(help="Such as 1.4.")],
    name: Annotated[str, typer.Argument(metavar="CHECK", help="Such as 'computes[add]'.")],
    submission: SubmissionOption = Path(),
    cases: Cases = None,
    seed: Seed = 0,
    pdb: Annotated[
        bool,
        typer.Option("--pdb", help="Stop in the debugger where it fails; in your own repository."),
    ] = False,
) -> None:
    """Ask one check again and show everything about it."""
    from minigrade.edges import replaying

    raise typer.Exit(replaying.replay(task, name, submission, cases=cases, seed=seed, pdb=pdb))


@app.command()
def demo(
    dest: Annotated[Path, typer.Argument(help="Where to put it; must not exist.")] = Path("demo"),
) -> None:
    """Make a student's repository, hand in partly wrong work, grade it, write a report."""
    from minigrade.edges.demo import run_demo

    raise typer.Exit(run_demo(dest))


@app.command()
def template(
    assignment: Annotated[str, typer.Argument(help="Its id, such as m0.")],
    dest: Annotated[Path, typer.Argument(help="The new repository; must be empty or not exist.")],
    previous: Annotated[
        Path | None,
        typer.Option("--previous", metavar="PATH", help="A repository to carry work over from."),
    ] = None,
    wheel: Annotated[
        Path | None,
        typer.Option("--wheel", metavar="FILE", help="Ship minigrade's wheel in the template."),
    ] = None,
) -> None:
    """Make the repository from which students start (staff)."""
    from minigrade.edges.template import make_template
    from minigrade.running.catalog import find_course

    course = find_course()
    checkout = course.require_checkout("minigrade template")
    made = make_template(assignment, dest, checkout=checkout, previous=previous, wheel=wheel)
    typer.echo(f"{made.summary()}\nNext: `cd {dest} && minigrade check`")


@app.command("init-course")
def init_course(
    path: Annotated[Path, typer.Argument(help="The file for the course's secret.")] = Path(
        "minigrade.secret"
    ),
) -> None:
    """Make the secret that hidden cases depend on (staff)."""
    from minigrade.running.seeds import SECRET_VARIABLE, make_secret

    make_secret(path)
    typer.echo(f"{path}: keep it out of repositories, and set {SECRET_VARIABLE}={path.resolve()}")


@app.command()
def audit(
    assignments: Annotated[list[str] | None, typer.Argument(metavar="[ASSIGNMENT]…")] = None,
    json: Annotated[str | None, typer.Option("--json", metavar="FILE")] = None,
    jobs: Jobs = 0,
    generate: Annotated[
        int,
        typer.Option(
            "--generate", metavar="N", min=0, help="Try N mutants an assignment, made by rule."
        ),
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="What they are chosen by.")] = 0,
) -> None:
    """Grade the grader: mutants must fail, variants must earn everything (staff)."""
    from minigrade.edges import auditing

    status = auditing.audit(
        tuple(assignments or ()), json=json, jobs=_processes(jobs), generate=generate, seed=seed
    )
    raise typer.Exit(status)


@app.command()
def schema() -> None:
    """Print the JSON Schema of a report."""
    import json

    from minigrade.interchange import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))
