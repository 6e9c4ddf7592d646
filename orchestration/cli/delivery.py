"""`habitue plan` and `habitue apply`: what would be sent, and sending it."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from activation.plan import PlanReport


def plan() -> None:
    """Make the plan of every campaign: who gets which outcome, and the exact rows to send.

    Nothing is sent. A plan whose campaign says `approve: manual`, or that changes more than its
    campaign allows, waits for `habitue apply DIGEST`. Example: habitue plan
    """
    from orchestration import delivering
    from orchestration.cli import session

    settings = session.open_home()
    playbook = delivering.read_playbook(settings)
    with (
        session.writing(settings, "plan") as house,
        delivering.open_desk(house, playbook) as desk,
    ):
        reports = delivering.plan(desk)
    for report in reports:
        _print(report)


def _print(report: "PlanReport") -> None:
    effects = f"+{report.add_count} ~{report.change_count} -{report.remove_count}"
    outcomes = ", ".join(f"{name} {count}" for name, count in report.outcomes().items())
    digest = (report.digest or "")[:16]
    typer.echo(f"{report.campaign:<44} {report.status:<9} {effects:<14} {digest}")
    typer.echo(f"    {outcomes}{'; ' + report.reason if report.reason else ''}")


def apply(
    digest: Annotated[str, typer.Argument(help="The plan's digest, or its first characters.")],
) -> None:
    """Approve the plan with this digest, send its rows, and say what was acknowledged.

    Example: habitue apply 3f9c2a71d0b64e58
    """
    import getpass

    from activation.apply import approve_plan
    from orchestration import delivering
    from orchestration.cli import session

    settings = session.open_home()
    playbook = delivering.read_playbook(settings)
    with (
        session.writing(settings, "apply") as house,
        delivering.open_desk(house, playbook) as desk,
    ):
        plan_id, status = delivering.find_plan(desk, digest)
        if status == "waiting":
            approve_plan(desk.engine, plan_id, by=getpass.getuser(), now=house.clock)
        report = delivering.apply(desk, plan_id)
        delivering.write_export_index(desk)
    for name, value in report.as_metadata().items():
        typer.echo(f"{name:<10} {value}")
    raise typer.Exit(code=0 if report.is_success else 1)
