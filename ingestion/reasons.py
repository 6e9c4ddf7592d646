"""Why a row is set aside, where no single column is to blame."""

UNREADABLE = "unreadable_row"
CONFLICT = "conflicting_key"
CHANGED = "changed_immutable"
NEVER_LOADED = "deleted_unknown"
REFUSED_FILE = "refused_file"

WORDS = {
    CONFLICT: "The key appears in this delivery with different contents; none of them is loaded.",
    CHANGED: "The key was loaded before with another content, and this entity never changes.",
    NEVER_LOADED: "The source took out a key that it never gave.",
}
CODES = (UNREADABLE, CONFLICT, CHANGED, NEVER_LOADED, REFUSED_FILE)
