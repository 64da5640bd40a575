"""Checks single records out of Wardroom's decision log: python3 verify_record.py FOLDER [VKEY]. Needs `cryptography`; none of our code."""
import base64, hashlib, json, pathlib, re, sys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

folder = pathlib.Path(sys.argv[1])
listed = (folder / "key.vkey").read_text().split()  # the newest last; the log may have had other names before
name, key_id, key = (sys.argv[2] if len(sys.argv) > 2 else listed[-1]).split("+", 2)
key, key_id = base64.b64decode(key), bytes.fromhex(key_id)
if key[:1] != b"\1" or hashlib.sha256(f"{name}\n".encode() + key).digest()[:4] != key_id:
    sys.exit("NOT WHOLE: the key does not fit its own name")
blocks, raw = (folder / "checkpoints.txt").read_text().rstrip("\n").split("\n\n"), b""
origin, size, root = blocks[-2].splitlines()
for line in blocks[-1].splitlines():
    raw = base64.b64decode(line.rsplit(" ", 1)[1]) if line.startswith(f"— {name} ") else raw
try:
    Ed25519PublicKey.from_public_bytes(key[1:]).verify(raw[4:], (blocks[-2] + "\n").encode())
except InvalidSignature:
    sys.exit("NOT WHOLE: the signature of the newest checkpoint is wrong")
last, said, proven, young, digests, base = {}, set(), 0, 0, set(), lambda name: re.sub(r"/\d+$", "", name)
node = lambda left, right: hashlib.sha256(b"\1" + left + right).digest()
for line, proof in zip(open(folder / "entries.ndjson", "rb"), open(folder / "proofs.ndjson")):
    entry, proof, leaf = json.loads(line), json.loads(proof), hashlib.sha256(b"\0" + line.rstrip(b"\n")).digest()
    subject, seq = entry["agg"], entry["seq"]
    if (seq - 1, entry["prev"]) != last.get(subject, (seq - 1, entry["prev"])) or base(entry["origin"]) != base(name) or origin != name:
        sys.exit(f"NOT WHOLE: the first bad entry is {subject}#{seq}: it does not follow the one before it")
    said |= {subject} if seq > 1 and subject not in last else set()
    last[subject], at, end, digests = (seq, base64.b64encode(leaf).decode()), proof["index"], int(size) - 1, digests | set(entry["sd"])
    for sibling in map(base64.b64decode, proof["proof"] or []):
        leaf = node(sibling, leaf) if at & 1 or at == end else node(leaf, sibling)
        while at == end and not at & 1 and at:
            at, end = at >> 1, end >> 1
        at, end = at >> 1, end >> 1
    if proof["proof"] is not None and (end or leaf != base64.b64decode(root)):
        sys.exit(f"NOT WHOLE: the first bad entry is {subject}#{seq}: it is not among what was signed")
    proven, young = proven + (proof["proof"] is not None), young + (proof["proof"] is None)
for line in open(folder / "disclosures.ndjson", "rb"):
    if base64.b64encode(hashlib.sha256(line.rstrip(b"\n")).digest()).decode() not in digests:
        sys.exit("NOT WHOLE: a name or text stands beside the entries that none of them ever held")
print(f"OK {proven} entries of {len(last)} records are among the {size} that were signed; {young} are younger; {len(said)} records begin later than #1")
