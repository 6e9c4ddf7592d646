"""How an asset wrapper runs: timed, shown, skipped when nothing that it reads has changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dagster as dg

from contract.unsaid import speakable
from orchestration.built import (
    FORCE_TAG,
    INTRADAY_TAG,
    SKIP_TAG,
    Built,
    digest_of,
    digest_of_company,
)
from orchestration.house import House
from orchestration.partitions import wanted_month
from orchestration.progress import Step

UNCHANGED = "unchanged since run"
# Sources without an asset of their own: their content stands in the company's digest or in the
# digests of the raw tables: so does what lands, which is never skipped because it must be asked.
OUTSIDE = ("raw_control/run", "raw_control/sources", "raw_control/loads", "quarantine/files")
LANDED = "landing/"


@dataclass
class Work:
    """One step under way. skipped_since names the run whose result still stands."""

    step: Step
    skipped_since: str | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    previous: dict[str, str] = field(default_factory=dict)
    may_skip: bool = False
    may_keep: bool = False  # nothing forces this step to make its result anew
    is_well: bool = True  # a failed check is not an error of the step, and not a success either
    by_content: set[str] = field(default_factory=set)  # assets known by what is in them

    def metadata(self) -> dict[str, dg.MetadataValue]:
        """What every skipped asset says."""
        return {UNCHANGED: dg.MetadataValue.text(self.skipped_since or "")}

    def is_same(self, key: dg.AssetKey) -> bool:
        """Whether this one asset of the step may be left as it is."""
        name = key.to_user_string()
        return self.may_skip and self.previous.get(name) == self.outputs[name]

    def set_content(self, digest: str) -> bool:
        """For assets known by their content (raw tables), not by what they were made of.

        Whether the content is what it was after the last success.
        """
        self.outputs = dict.fromkeys(self.outputs, digest)
        self.by_content = set(self.outputs)
        return self.outputs == self.previous


@contextmanager
def working(
    context: dg.AssetExecutionContext, house: House, *, reads: str, name: str | None = None
) -> Iterator[Work]:
    """The block of an asset wrapper.

    reads: digest of the code and files that decide the result; the settings and the digests of
    the assets upstream are added here. The block must look at `work.skipped_since` first.
    """
    built = Built(house.warehouse)
    outputs = {k.to_user_string(): "" for k in context.selected_asset_keys}
    digest = _input_digest(context, house, built, reads)
    work = Work(Step(""), outputs={key: digest_of(digest, key) for key in outputs})
    label = name or _label(context)
    is_past = wanted_month(context, house.as_of) is not None  # a part of its table only
    work.may_skip = bool(digest) and _may_skip(context) and not is_past
    work.may_keep = _may_skip(context) and not is_past
    known = built.rows(outputs)
    if work.may_skip:
        work.skipped_since = built.unchanged_since(work.outputs, known)
    work.previous = {key: digest for key, (digest, _) in known.items()}
    if work.skipped_since is None and known:
        built.forget(outputs)
    with house.progress.step(label) as step:
        work.step = step
        if work.skipped_since is not None:
            step.note = f"unchanged since run {work.skipped_since[:8]}"
        try:
            yield work
        except Exception as error:
            # What the orchestrator keeps and shows of it must be about nobody.
            spoken = speakable(error)
            if spoken is error:
                raise
            raise spoken from error.__cause__
    # An intraday run makes some tables from others of last night: only what is known by its
    # content passes for done, the rest the next daily run makes anew.
    done = work.by_content if is_of_the_moment(context) else work.outputs.keys()
    if work.skipped_since is None and digest and work.is_well and not is_past and done:
        built.remember({key: work.outputs[key] for key in done}, house.run_id)


def is_of_the_moment(context: dg.AssetExecutionContext) -> bool:
    """Whether this is a run of the intraday job."""
    return INTRADAY_TAG in context.run.tags


def _label(context: dg.AssetExecutionContext) -> str:
    keys = sorted(k.to_user_string().replace("/", ".") for k in context.selected_asset_keys)
    return keys[0] if len(keys) == 1 else context.op_execution_context.op.name


def _may_skip(context: dg.AssetExecutionContext) -> bool:
    tags = context.run.tags
    return SKIP_TAG in tags and FORCE_TAG not in tags


def _upstream(context: dg.AssetExecutionContext) -> list[str]:
    selected = context.selected_asset_keys
    upstream = {key for own in selected for key in context.assets_def.asset_deps[own]} - selected
    names = sorted(key.to_user_string() for key in upstream)
    return [name for name in names if name not in OUTSIDE and not name.startswith(LANDED)]


def _input_digest(context: dg.AssetExecutionContext, house: House, built: Built, reads: str) -> str:
    """The digest of everything the step is made of; empty when an input is not known to be well."""
    upstream = _upstream(context)
    digests = built.digests(upstream)
    if set(digests) != set(upstream):
        return ""
    return digest_of(reads, digest_of_company(house.settings), digests)
