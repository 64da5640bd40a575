"""Checks an export of Wardroom's decision log: python3 verify_log.py FOLDER [VKEY]. Needs `cryptography`; none of our code."""
import base64, hashlib, json, pathlib, sys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

folder = pathlib.Path(sys.argv[1])
vkey = sys.argv[2] if len(sys.argv) > 2 else (folder / "key.vkey").read_text().strip()
name, key_id, key = vkey.split("+", 2)
key, key_id = base64.b64decode(key), bytes.fromhex(key_id)
if key[:1] != b"\1" or hashlib.sha256(f"{name}\n".encode() + key).digest()[:4] != key_id:
    sys.exit("NOT WHOLE: the key does not fit its own name")
key, signed = Ed25519PublicKey.from_public_bytes(key[1:]), {}
blocks = (folder / "checkpoints.txt").read_text().split("\n\n")
for text, signatures in zip(blocks[::2], blocks[1::2]):
    (origin, size, root), lines = text.splitlines(), signatures.splitlines()
    for raw in [base64.b64decode(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(f"— {name} ")]:
        try:
            if raw[:4] == key_id and origin == name:
                key.verify(raw[4:], (text + "\n").encode())
                signed[int(size)] = base64.b64decode(root)
        except InvalidSignature:
            sys.exit(f"NOT WHOLE: the signature of the checkpoint of {size} entries is wrong")
peaks, last, counted, agreed = [], {}, 0, 0
for line in open(folder / "entries.ndjson", "rb"):
    entry, leaf = json.loads(line), hashlib.sha256(b"\0" + line.rstrip(b"\n")).digest()
    subject, seq = entry["agg"], entry["seq"]
    if (seq - 1, entry["prev"]) != last.get(subject, (0, "")) or entry["origin"] != name:
        sys.exit(f"NOT WHOLE: the first bad entry is {subject}#{seq}: it does not follow the one before it")
    last[subject], size, counted = (seq, base64.b64encode(leaf).decode()), counted, counted + 1
    while size & 1:
        leaf, size = hashlib.sha256(b"\1" + peaks.pop() + leaf).digest(), size >> 1
    peaks.append(leaf)
    if counted in signed:
        root = peaks[-1]
        for peak in peaks[-2::-1]:
            root = hashlib.sha256(b"\1" + peak + root).digest()
        agreed += signed.pop(counted) == root or sys.exit(f"NOT WHOLE: {subject}#{seq} or one before is not what was signed")
if signed:
    sys.exit(f"NOT WHOLE: {max(signed)} entries were signed, {counted} are there")
print(f"OK {counted} entries of {len(last)} records, {agreed} signed checkpoints agree")
