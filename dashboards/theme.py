"""Colours, type and spacing of the site, in one place: the style sheet and the figures read it."""

from __future__ import annotations

INK = "#16202c"
MUTED = "#53606e"
LINE = "#e2e7ec"
GROUND = "#f4f6f8"
CARD = "#ffffff"
NIGHT = "#0d2229"  # navigation
NIGHT_TEXT = "#d9e6ea"
ACCENT = "#0f5c6e"
ACCENT_MID = "#4b94a5"
ACCENT_SOFT = "#b9d5dc"
ACCENT_WASH = "#e6f0f3"
ALERT = "#a93f16"
ALERT_WASH = "#fbeee8"
GOOD = "#226b43"
GOOD_WASH = "#e7f3ec"
CONTEXT = "#667280"  # what is there to compare with
CONTEXT_SOFT = "#cdd4dc"
FONT = (
    "Inter, 'Segoe UI', system-ui, -apple-system, 'Helvetica Neue', "
    "'DejaVu Sans', Arial, sans-serif"
)

# Dark for the most, pale for the least: the order is readable without the colour.
PMG_COLOURS = {"gros": ACCENT, "moyen": ACCENT_MID, "petit": ACCENT_SOFT}
OUTCOME_COLOURS = {
    "sent": ACCENT,
    "held_out": ACCENT_MID,
    "capped": ACCENT_SOFT,
    "conflict": ACCENT_SOFT,
    "open_question": CONTEXT,
    "unengaged": CONTEXT_SOFT,
    "unreachable": CONTEXT_SOFT,
    "no_consent": CONTEXT_SOFT,
    "rejected": ALERT,
}
READABLE = 4.5  # WCAG AA for text
SCALE = ((0.0, "#f3f8f9"), (0.35, "#b9d5dc"), (0.7, "#4b94a5"), (1.0, "#0f5c6e"))

# (what is written, on what): every pair of text and ground that the site shows.
TEXT_PAIRS = (
    (INK, CARD),
    (INK, GROUND),
    (INK, ACCENT_SOFT),
    (INK, ACCENT_WASH),
    (INK, CONTEXT_SOFT),
    (MUTED, CARD),
    (MUTED, GROUND),
    (MUTED, ACCENT_WASH),
    (ACCENT, CARD),
    (ACCENT, GROUND),
    (ACCENT, ACCENT_WASH),
    (ALERT, CARD),
    (ALERT, ALERT_WASH),
    (GOOD, CARD),
    (GOOD, GOOD_WASH),
    (NIGHT_TEXT, NIGHT),
    (CARD, ACCENT),
    (CARD, ALERT),
)
# Marks that carry meaning need 3:1 against the card.
MARK_PAIRS = ((ACCENT, CARD), (ACCENT_MID, CARD), (ALERT, CARD), (CONTEXT, CARD))


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours written `#rrggbb`, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    # The piecewise curve of sRGB, as WCAG 2 writes it.
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]  # noqa: PLR2004
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def text_on(colour: str) -> str:
    """Ink or white, whichever reads better on `colour`."""
    return max((INK, CARD), key=lambda candidate: contrast(candidate, colour))


def readable(colour: str) -> str:
    """The colour for words beside a mark of this colour: itself when dark enough on a card."""
    return colour if contrast(colour, CARD) >= READABLE else MUTED


def variables() -> dict[str, str]:
    """The colours as names for the style sheet."""
    names = {
        "ink": INK,
        "muted": MUTED,
        "line": LINE,
        "ground": GROUND,
        "card": CARD,
        "night": NIGHT,
        "night-text": NIGHT_TEXT,
        "accent": ACCENT,
        "accent-mid": ACCENT_MID,
        "accent-soft": ACCENT_SOFT,
        "accent-wash": ACCENT_WASH,
        "alert": ALERT,
        "alert-wash": ALERT_WASH,
        "good": GOOD,
        "good-wash": GOOD_WASH,
        "context-soft": CONTEXT_SOFT,
    }
    return names | {"font": FONT}
