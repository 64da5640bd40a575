"""Checks an export of Wardroom's decision log: python3 verify_log.py FOLDER [FIRST-VKEY]. Needs `cryptography`; none of our code."""
import base64, functools, hashlib, json, pathlib, sys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
node = lambda right, left: hashlib.sha256(b"\1" + left + right).digest()
def has_signed(vkey, text, signatures):
    name, key_id, key = vkey.split("+", 2)
    key, lines = base64.b64decode(key), [line for line in signatures.splitlines() if line.startswith(f"— {name} ")]
    key[:1] == b"\1" and hashlib.sha256(f"{name}\n".encode() + key).hexdigest()[:8] == key_id or sys.exit("NOT WHOLE: a key that does not fit its name")
    raws, key = [base64.b64decode(line.rsplit(" ", 1)[1]) for line in lines], Ed25519PublicKey.from_public_bytes(key[1:])
    return any(raw[:4].hex() == key_id and key.verify(raw[4:], (text + "\n").encode()) is None for raw in raws)
folder, keeps, signed, alone = pathlib.Path(sys.argv[1]), {}, [], 0
listed = (folder / "key.vkey").read_text().split()
current, blocks = sys.argv[2] if len(sys.argv) > 2 else listed[0], (folder / "checkpoints.txt").read_text().split("\n\n")
for text, signatures in zip(blocks[::2], blocks[1::2]):  # checkpoints and recoveries, in order; each by the key of its time
    origin, second, *rest = text.splitlines()
    if "cause: lost_key" in rest: current, alone = next((line[5:] for line in rest if line.startswith("key: ")), current), alone + 1
    try:
        if not has_signed(current, text, signatures) or current.split("+")[0] not in (origin, second.removeprefix("recovers ")):
            raise InvalidSignature
        after = [line[5:] for line in rest if line.startswith("key: ")] or [key for key in listed if key != current]
        current = next((key for key in after if has_signed(key, text, signatures)), current)
    except InvalidSignature:
        sys.exit(f"NOT WHOLE: {origin}, {second}: not signed by the key of its time, or its signature is wrong")
    keeps.update((line.split()[1], int(line.split()[2])) for line in rest if line.startswith("keeps "))
    signed += [(origin, int(second), base64.b64decode(rest[0]))] if second.isdigit() else []
due, peaks = sorted([each[1:] for each in signed if each[1] <= keeps.get(each[0], each[1])], reverse=True), []
last, counted, agreed, now = {}, 0, 0, None
for line in open(folder / "entries.ndjson", "rb"):
    entry, leaf, size = json.loads(line), hashlib.sha256(b"\0" + line.rstrip(b"\n")).digest(), counted
    subject, seq, now = entry["agg"], entry["seq"], entry["origin"] if entry["kind"] == "log.recovered" or not now else now
    if (seq - 1, entry["prev"]) != last.get(subject, (0, "")) or entry["origin"] != now:
        sys.exit(f"NOT WHOLE: the first bad entry is {subject}#{seq}: it does not follow the one before it")
    last[subject], counted = (seq, base64.b64encode(leaf).decode()), counted + 1
    while size & 1: leaf, size = node(leaf, peaks.pop()), size >> 1
    peaks.append(leaf)
    while due and due[-1][0] == counted:
        agreed += functools.reduce(node, reversed(peaks)) == due.pop()[1] or sys.exit(f"NOT WHOLE: {subject}#{seq} or one before is not what was signed")
due and sys.exit(f"NOT WHOLE: {due[0][0]} entries were signed, {counted} are there")
print(f"OK {counted} entries of {len(last)} records, {agreed} signed checkpoints agree, {len(signed) - agreed} were declared lost" + f"; {alone} keys were lost, each declared by the next one alone" * (alone > 0))
