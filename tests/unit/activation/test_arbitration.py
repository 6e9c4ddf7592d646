from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from activation.arbitration import OUTCOMES, Round, Standing, outcome
from activation.campaigns import Campaign, Offer
from activation.caps import Cap
from activation.experiments import CONTROL, arm_of
from activation.people import Member
from activation.sunset import Sunset
from contract.gate import ContactRequest, Denied, Gate, Permit

TODAY = date(2018, 1, 1)
NOW = datetime.fromisoformat("2018-01-01T06:00:00")
BOTH = {"en": "x", "fr": "x"}
PEOPLE = [f"c_{number}" for number in range(12)]
CAMPAIGN = Campaign(
    "mine", BOTH, ("s",), "post", "marketing", "d", "mirror", 10, "automatic",
    offer=Offer("A", "basket"),
)  # fmt: skip
sets = st.sets(st.sampled_from(PEOPLE))


class OpenGate(Gate):
    def judge(self, batch, now):  # type: ignore[no-untyped-def]
        return [Permit("consent") for _ in batch]


def request(customer_id: str) -> ContactRequest:
    return ContactRequest(customer_id, "post", "marketing", "buyer", "FR", True, ())


@given(sets, sets, sets, sets, sets, sets, sets, sets, sets)
def test_everybody_has_the_first_outcome_that_holds_and_they_sum_to_matched(  # noqa: PLR0917
    denied: set[str],
    without_key: set[str],
    silent: set[str],
    asking: set[str],
    promised: set[str],
    tired: set[str],
    held_out: set[str],
    delivered: set[str],
    rejected: set[str],
) -> None:
    so_far = Round(TODAY, {"post": Cap(1, 28)}, asking, sunsets={"post": Sunset(365)})
    for one in promised:
        so_far.offers[(one, "basket")] = "theirs"
    for one in tired:
        so_far.contacts[(one, "post")] = [("theirs", TODAY)]
    standing = Standing("key", delivered, held_out, dict.fromkeys(rejected, "refused"))
    counts = dict.fromkeys(OUTCOMES, 0)
    for one in PEOPLE:
        [allowed] = OpenGate().decide([request(one)], NOW)
        decision = Denied(request(one), "objected", NOW) if one in denied else allowed
        values = {
            "key": None if one in without_key else one,
            "last_contact_at": None if one in silent else NOW,
        }
        member = Member(one, "s", BOTH, values, request(one))
        name, _ = outcome(CAMPAIGN, member, decision, standing, so_far)
        counts[name] += 1
        fresh = one not in delivered
        holds = [one in denied, one in without_key, one in silent, one in asking, one in promised,
                 one in tired and fresh, one in held_out and fresh]  # fmt: skip
        first = holds.index(True) if True in holds else 8 if one in rejected else 7
        assert name == OUTCOMES[first]
    assert sum(counts.values()) == len(PEOPLE)


@given(st.integers(1, 4), st.integers(1, 30), st.lists(st.integers(0, 60), max_size=6))
def test_a_cap_is_never_exceeded_within_its_days(most: int, days: int, ages: list[int]) -> None:
    so_far = Round(TODAY, {"post": Cap(most, days)})
    contacts = [("theirs", date.fromordinal(TODAY.toordinal() - age)) for age in ages]
    so_far.contacts[("c_1", "post")] = contacts
    recent = sum(1 for age in ages if age < days)
    assert so_far.is_capped(CAMPAIGN, "c_1") is (recent >= most)


def test_the_control_group_is_as_large_as_asked_and_differs_between_campaigns() -> None:
    ids = [f"c_{number:016x}" for number in range(4000)]
    first = {one for one in ids if arm_of("one", one, 0.1) == CONTROL}
    other = {one for one in ids if arm_of("two", one, 0.1) == CONTROL}
    assert 340 < len(first) < 460
    assert len(first & other) < 80
    assert not any(arm_of("one", one, 0.0) == CONTROL for one in ids)
