"""The `habitue` command. Nothing heavy is imported before a command needs it."""

import sys
from importlib.metadata import entry_points

import typer

from orchestration.cli import (
    consent,
    delivery,
    identity,
    operate,
    people,
    person,
    pipeline,
    preferences,
    retention,
    scenarios,
    sources,
)

app = typer.Typer(
    name="habitue",
    help="A customer-data warehouse: run it, ask it why, deliver from it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="rich",
)
for command in (
    pipeline.run,
    pipeline.list_,
    people.why,
    delivery.plan,
    delivery.apply,
    operate.publish,
    operate.doctor,
    operate.recover,
    operate.dev,
    operate.bench_ml,
):
    app.command(name=command.__name__.strip("_").replace("_", "-"))(command)
app.add_typer(people.segments, name="segments")
app.add_typer(sources.sources, name="sources")
app.add_typer(identity.identity, name="identity")
app.add_typer(consent.consent, name="consent")
app.add_typer(preferences.preferences, name="preferences")
app.add_typer(person.person, name="person")
app.add_typer(retention.retention, name="retention")
app.add_typer(scenarios.scenarios, name="scenarios")


def _add_commands() -> None:
    """Commands of other packages (the demo's): entry points of group habitue.commands."""
    for found in entry_points(group="habitue.commands"):
        app.add_typer(found.load(), name=found.name)


def main() -> None:
    """Run the command; one line per problem and exit code 1, a traceback only with --debug."""
    sys.dont_write_bytecode = True
    debug = "--debug" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--debug"]
    _add_commands()
    try:
        app()
    except Exception as error:
        if debug or not _is_for_people(error):
            from contract.unsaid import speakable

            spoken = speakable(error)
            if spoken is error:
                raise
            raise spoken from error.__cause__
        sys.stderr.write(f"habitue: {error}\n")
        raise SystemExit(1) from None


def _is_for_people(error: Exception) -> bool:
    """Errors whose message says what was found and what to do."""
    from contract.errors import ConfigError

    names = {"RunFailed", "ContractBroken", "ModelRejected", "DeliveryFailed", "DbtFailed"}
    names |= {"PublicationRefused", "UnknownCustomer", "PlanNotFound", "PlanRefused"}
    return isinstance(error, ConfigError) or type(error).__name__ in names


if __name__ == "__main__":
    main()
