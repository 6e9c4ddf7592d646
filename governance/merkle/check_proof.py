"""Check a proof about a consent ledger: `python check_proof.py PROOF.json PUBLIC_KEY.pem`.

Needs Python and the package cryptography; no network. Exit code 0: proven, by RFC 6962 and Ed25519.
"""

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key

HEAD = ("tree_size", "previous_size", "root", "signed_at", "key_id")


def check(proof: dict[str, Any], key: Any) -> str:
    """What is proven, in words. Raises ValueError or InvalidSignature when it is not."""
    path = [bytes.fromhex(step) for step in proof["path"]]
    new, old = proof["checkpoint"], proof.get("old")
    for head in [new, old] if old else [new]:
        lines = ["habitue consent checkpoint 1", *(str(head[name]) for name in HEAD), ""]
        key.verify(bytes.fromhex(head["signature"]), "\n".join(lines).encode())
    if old:
        at, last = old["tree_size"] - 1, new["tree_size"] - 1
        if not at & (at + 1):  # a full tree is its own first step
            path = [bytes.fromhex(old["root"]), *path]
        while at & 1:
            at, last = at >> 1, last >> 1
        if not path or climb(path[0], path[1:], at, last) != (old["root"], new["root"]):
            raise ValueError("the older log is not the beginning of the newer one")
        return f"the {old['tree_size']} entries signed at {old['signed_at']} begin the newer log"
    node = sha256(bytes.fromhex(proof["salt"]) + proof["record"].encode()).digest()
    at, last = json.loads(proof["record"])["sequence"], new["tree_size"] - 1
    if at > last or climb(sha256(b"\0" + node).digest(), path, at, last)[1] != new["root"]:
        raise ValueError("the record is not in the signed log")
    return f"entry {at} is in the log of {last + 1} entries signed at {new['signed_at']}"


def climb(node: bytes, path: list[bytes], at: int, last: int) -> tuple[str, str]:
    """The roots that a path leads to: of the older tree, and of the newer or only one."""
    old = new = node
    for step in path:
        if at & 1 or at == last:
            old, new = sha256(b"\1" + step + old).digest(), sha256(b"\1" + step + new).digest()
            shift = (at & -at).bit_length()
            at, last = at >> shift, last >> shift
        else:
            new = sha256(b"\1" + new + step).digest()
            at, last = at >> 1, last >> 1
    return (old.hex(), new.hex()) if last == 0 else ("", "")


if __name__ == "__main__":
    proof, key = (Path(argument).read_bytes() for argument in sys.argv[1:3])
    try:
        sys.stdout.write(f"proven: {check(json.loads(proof), load_pem_public_key(key))}\n")
    except (ValueError, InvalidSignature) as error:
        sys.exit(f"NOT proven: {error or 'not signed by this key'}")
