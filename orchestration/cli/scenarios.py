"""`habitue scenarios …`: what is asked of whom, and where people stand."""

import typer

scenarios = typer.Typer(
    help="Questions put to people: list them and where people stand.", no_args_is_help=True
)


@scenarios.callback()
def _scenarios() -> None:
    """Questions put to people: list them and where people stand."""


@scenarios.command("list")
def list_scenarios() -> None:
    """Every scenario with its aim, its deadline, and how many people stand where.

    Example: habitue scenarios list
    """
    from activation.words import said
    from orchestration.cli import session
    from orchestration.delivering import read_playbook

    with session.reading() as house, house.warehouse.connect() as con:
        playbook = read_playbook(house.settings)
        counts = con.execute(
            "select scenario, state, count(*) from marts.customer_scenarios group by all order by 2"
        ).fetchall()
    lang = house.settings.languages[0]
    for scenario in playbook.scenarios:
        typer.echo(f"{scenario.name}: {scenario.aim[lang]}")
        default = said(scenario.by_default, lang, "state")
        days = scenario.deadline.days
        typer.echo(f"    {scenario.segment} → {scenario.campaign}, {days} d → {default}")
        for name, state, count in counts:
            if name == scenario.name:
                typer.echo(f"    {count:>7,}  {said(state, lang, 'state')}")
