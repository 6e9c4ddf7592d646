"""E-mail addresses, telephone numbers and postal addresses in one form, and their keyed hash.

Normalised once, during load. Two forms exist: the one to write to (`normalise_*`), and the one to
recognise an address by (`match_key`), which is coarser on purpose: an objection to
`anna.b+shop@gmail.com` must also stop `annab@gmail.com`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata

# Country → calling code and trunk prefix of the countries where our retailers sell.
_CALLING = {
    "FR": ("33", "0"), "BE": ("32", "0"), "CH": ("41", "0"), "LU": ("352", ""),
    "DE": ("49", "0"), "ES": ("34", ""), "IT": ("39", ""), "GB": ("44", "0"),
    "NL": ("31", "0"), "US": ("1", "1"), "CA": ("1", "1"), "GP": ("590", "0"),
    "MQ": ("596", "0"), "GF": ("594", "0"), "RE": ("262", "0"), "YT": ("262", "0"),
}  # fmt: skip
_DOTLESS_DOMAINS = ("gmail.com", "googlemail.com")
_EMAIL = re.compile(r"^[^@\s\"<>(),;:\\\[\]]+@[^@\s.]+(\.[^@\s.]+)+$")
MAX_EMAIL_LENGTH = 254  # RFC 5321
MIN_DIGITS, MAX_DIGITS = 8, 15  # E.164


def normalise_email(raw: str | None) -> str | None:
    """The address in lower case, its domain in ASCII; None when it is no e-mail address."""
    if raw is None:
        return None
    text = unicodedata.normalize("NFKC", raw).strip().removeprefix("mailto:").strip().rstrip(".")
    if len(text) > MAX_EMAIL_LENGTH or not _EMAIL.match(text):
        return None
    local, _, domain = text.rpartition("@")
    try:
        ascii_domain = domain.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return f"{local.lower()}@{ascii_domain}"


def normalise_phone(raw: str | None, country: str | None = "FR") -> str | None:
    """The number as E.164 (`+33612345678`); None when it is no telephone number.

    country: ISO 3166-1 alpha-2 code under which a national number is read.
    """
    if raw is None:
        return None
    text = unicodedata.normalize("NFKC", raw).strip()
    digits = re.sub(r"\D", "", re.sub(r"\(0\)", "", text))
    if text.startswith("+"):
        international = digits
    elif digits.startswith("00"):
        international = digits[2:]
    else:
        international = _with_calling_code(digits, country)
    if not MIN_DIGITS <= len(international) <= MAX_DIGITS or re.search(r"[A-Za-z]", text):
        return None
    return f"+{international}"


def _with_calling_code(digits: str, country: str | None) -> str:
    if (country or "").upper() not in _CALLING:
        return ""
    code, trunk = _CALLING[(country or "").upper()]
    if trunk == code and digits.startswith(code):
        return digits
    return code + (digits.removeprefix(trunk) if trunk else digits)


def normalise_address(raw: str | None) -> str | None:
    """A postal address in upper case without accents or punctuation; None when empty."""
    if raw is None:
        return None
    decomposed = unicodedata.normalize("NFKD", raw)
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    words = re.sub(r"[^0-9A-Z]+", " ", letters.upper().replace("Œ", "OE")).strip()
    return words or None


def match_key(kind: str, raw: str | None, country: str | None = "FR") -> str | None:
    """What an address is recognised by; None when it is not a valid one.

    kind: email, phone or post. Raises ValueError for another kind.
    """
    if kind == "email":
        return _email_match_key(normalise_email(raw))
    if kind == "phone":
        return normalise_phone(raw, country)
    if kind == "post":
        return normalise_address(raw)
    raise ValueError(f"No kind of address '{kind}'. Known: email, phone, post.")


def _email_match_key(email: str | None) -> str | None:
    if email is None:
        return None
    local, _, domain = email.rpartition("@")
    bare = local.split("+", 1)[0] or local
    if domain in _DOTLESS_DOMAINS:
        return bare.replace(".", "") + "@gmail.com"
    return f"{bare}@{domain}"


def keyed_hash(kind: str, normalised: str, key: bytes) -> str:
    """HMAC-SHA256 of an already normalised address, in hex: compares, cannot be read back.

    Raises ValueError without a key: anybody could recompute such a hash, and it would match none
    of the ledger's, so that an objection would be overlooked.
    """
    if not key:
        raise ValueError("A keyed hash needs the company's key, found none.")
    return hmac.new(key, f"{kind}|{normalised}".encode(), hashlib.sha256).hexdigest()


def address_hash(kind: str, raw: str | None, key: bytes, country: str | None = "FR") -> str | None:
    """The keyed hash by which an address is kept in the consent ledger; None when invalid."""
    normalised = match_key(kind, raw, country)
    return None if normalised is None else keyed_hash(kind, normalised, key)


def address_hashes(
    email: str | None, phone: str | None, address: str | None, country: str | None, *, key: bytes
) -> set[str]:
    """The keyed hashes of every address of one record, by which entries may name it.

    A national telephone number is read under the record's country and under the default one: an
    objection does not say the country of its number, and the intake read it under the default.
    """
    digests = {
        address_hash("email", email, key),
        address_hash("phone", phone, key),
        address_hash("phone", phone, key, country),
        address_hash("post", address, key),
    }
    return {digest for digest in digests if digest is not None}
