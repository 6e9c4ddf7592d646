"""`habitue segments …` and `habitue why`: who, how many, and why."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from activation.definitions import Segment
    from orchestration.delivering import Playbook
    from orchestration.house import House

segments = typer.Typer(
    help="Who: list the segments, preview one, print its members.", no_args_is_help=True
)


def why(customer_id: str, lang: Annotated[str, typer.Option(help="en or fr")] = "en") -> None:
    """Everything that is known and decided about one person, and why.

    Example: habitue why c_0f3a5b7d9e1c2f4a
    """
    from activation.why import Asking, explain_customer, require_language
    from contract.texts import Texts
    from orchestration.delivering import open_desk
    from orchestration.settings import PROJECT_ROOT, read_pseudonym_key

    require_language(lang)
    with (
        _reading() as (house, playbook),
        open_desk(house, playbook) as desk,
        house.warehouse.connect() as con,
    ):
        key = read_pseudonym_key(house.settings)
        texts = Texts.load(PROJECT_ROOT / "governance" / "gate.texts.yml")
        asking = Asking(lang, playbook.columns, desk.gate, texts, house.clock, key)
        explanation = explain_customer(con, desk.engine, customer_id, asking)
    typer.echo(explanation.as_text())


@segments.command("list")
def list_segments() -> None:
    """Every segment with its size at the last run, and its sentence.

    Example: habitue segments list
    """
    with _reading() as (house, playbook), house.warehouse.connect() as con:
        sizes = dict(con.execute("select segment, member_count from segments.sizes").fetchall())
    from activation.sentences import sentence

    lang = house.settings.languages[0]
    for name, segment in playbook.segments.items():
        size = f"{sizes[name]:>7,}" if name in sizes else "      –"
        typer.echo(f"{size}  {name:<36} {sentence(segment.where, lang)}")


@segments.command()
def preview(name: str) -> None:
    """How many people a segment holds now, without writing anything.

    Example: habitue segments preview lapsed_big_spenders
    """
    from activation.segments import preview as count

    with _reading() as (house, playbook), house.warehouse.connect() as con:
        found = count(con, _one(playbook, name), as_of=house.as_of)
    typer.echo(f"{found.member_count:,} of {found.customer_count:,} people ({found.share:.1%})")
    typer.echo(found.sentence_en if house.settings.languages[0] == "en" else found.sentence_fr)


@segments.command()
def members(
    name: str,
    limit: Annotated[int, typer.Option(help="At most so many lines.")] = 20,
    entered: Annotated[bool, typer.Option("--entered", help="Only new since the count before.")] = (
        False
    ),
) -> None:
    """The members at the last run, with since when and why.

    Example: habitue segments members new_customers --limit 5
    """
    with _reading() as (house, playbook), house.warehouse.connect() as con:
        _one(playbook, name)
        reasons = f"reasons_{house.settings.languages[0]}"
        rows = con.execute(
            f"select customer_id, entered_on, {reasons} from segments.members"
            " where segment = ? and (not ? or since_run_id = (select any_value(run_id)"
            " from segments.sizes where segment = members.segment and compared_on is not null))"
            " order by customer_id limit ?",
            [name, entered, limit],
        ).fetchall()
    for customer_id, entered_on, said in rows:
        typer.echo(f"{customer_id}  since {entered_on}  {said}")


def _one(playbook: "Playbook", name: str) -> "Segment":
    """The segment of that name. Raises ConfigError with the nearest one."""
    from contract.errors import ConfigError, did_you_mean

    if name not in playbook.segments:
        raise ConfigError(f"No segment '{name}'.{did_you_mean(name, playbook.segments)}")
    return playbook.segments[name]


@contextmanager
def _reading() -> "Iterator[tuple[House, Playbook]]":
    """The house for a question, and what the company wrote down."""
    from orchestration.cli import session
    from orchestration.delivering import read_playbook

    with session.reading() as house:
        yield house, read_playbook(house.settings)
