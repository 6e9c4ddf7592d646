"""What runs when: a daily job, an intraday one, a weekly retraining, a sensor for files."""

from collections.abc import Iterator

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import (
    UnresolvedAssetJobDefinition,
)

from orchestration.built import INTRADAY_TAG, SKIP_TAG, digest_of
from orchestration.declared import declarations
from orchestration.partitions import month_of
from orchestration.settings import Settings

DAILY = "daily"
INTRADAY = "intraday"
RETRAIN = "weekly_retraining"
JOBS = (DAILY, INTRADAY, RETRAIN)


def build_jobs(
    months: dg.PartitionsDefinition[str], moment: dg.AssetSelection
) -> list[UnresolvedAssetJobDefinition]:
    """The daily job is the whole graph; the weekly one trains again and scores.

    moment: the assets of the intraday job.
    """
    everything = dg.AssetSelection.all()
    models = dg.AssetSelection.groups("ml")
    return [
        dg.define_asset_job(
            DAILY,
            selection=everything,
            partitions_def=months,
            tags={SKIP_TAG: "true"},
            description="Load what is new and rebuild what depends on it; deliver nothing.",
        ),
        dg.define_asset_job(
            INTRADAY,
            selection=moment,
            partitions_def=months,
            tags={INTRADAY_TAG: "true"},
            description="What people did just now, up to the messages that it triggers.",
        ),
        dg.define_asset_job(
            RETRAIN,
            selection=models,
            partitions_def=months,
            description="Train every model on all known labels, test it, score everybody.",
        ),
    ]


def build_schedules(settings: Settings) -> list[dg.ScheduleDefinition]:
    """In the business time zone: the night's files are there, the shop is closed.

    An intraday run that finds another one at work waits for it: runs take turns.
    """
    return [
        _schedule("every_quarter_of_an_hour", INTRADAY, "*/15 * * * *", settings),
        _schedule("every_day", DAILY, "30 5 * * *", settings),
        _schedule("every_week", RETRAIN, "0 3 * * 0", settings),
    ]


def _schedule(name: str, job: str, cron: str, settings: Settings) -> dg.ScheduleDefinition:
    def request(_context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(partition_key=month_of(settings.day))

    return dg.ScheduleDefinition(
        name=name,
        job_name=job,
        cron_schedule=cron,
        execution_timezone=settings.time_zone,
        execution_fn=request,
    )


def build_sensor(settings: Settings) -> dg.SensorDefinition:
    """Starts the daily job when whole files wait in the landing folder."""

    @dg.sensor(name="landed_files", job_name=DAILY, minimum_interval_seconds=300)
    def landed_files(
        context: dg.SensorEvaluationContext,
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        from ingestion.landed_files import landed_files as whole_files

        found = whole_files(settings.landing, declarations(settings))
        names = sorted(
            f"{file.path} {file.byte_count} {file.modified_ns}"
            for file in found
            if not file.waits_for
        )
        if not names:
            yield dg.SkipReason("no whole file in the landing folder")
            return
        # The same files ask for one run only, however often the sensor looks.
        yield dg.RunRequest(run_key=digest_of(names), partition_key=month_of(settings.day))

    return landed_files
