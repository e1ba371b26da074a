"""Checks exported logs and proofs of Keyward. Written from docs/evidence.md; shares no code with the server.

Reads lines of `keyward log export` and `keyward log prove` on standard input and prints what it recomputed as JSON.
Signatures are left to others: Python's standard library has neither Ed25519 nor ML-DSA.
"""

import base64
import hashlib
import json
import struct
import sys


def sha256(data):
    return hashlib.sha256(data).digest()


def b64(text):
    return base64.b64decode(text, validate=True)


def encode(value):
    """The table of `Encoding of a record`."""
    if value is None:
        return b"\x00"
    if isinstance(value, int):
        return b"\x01" + struct.pack(">q", value)
    if isinstance(value, str):
        data = value.encode()
        return b"\x02" + struct.pack(">I", len(data)) + data
    data = b64(value["base64"])
    return b"\x03" + struct.pack(">I", len(data)) + data


def encode_all(label, columns):
    return encode(label) + b"".join(encode(value) for _, value in columns)


def commitment(part):
    if "commitment" in part:
        return b64(part["commitment"])
    return sha256(b"\x02" + b64(part["salt"]) + encode_all(part["label"], part["columns"]))


def leaf(record):
    data = encode_all(record["label"], record["open"])
    for part in record["parts"]:
        data += encode({"base64": base64.b64encode(commitment(part)).decode()})
    return sha256(b"\x00" + data)


def node(left, right):
    return sha256(b"\x01" + left + right)


def largest_power_below(count):
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def root(hashes):
    """MTH of RFC 9162, section 2.1.1."""
    if not hashes:
        return sha256(b"")
    if len(hashes) == 1:
        return hashes[0]
    middle = largest_power_below(len(hashes))
    return node(root(hashes[:middle]), root(hashes[middle:]))


def root_with_segments(segments, leaves):
    """The same where the leaves of the first segments are gone: each segment's hash stands for 4,096 of them."""
    size = 4096 * len(segments) + len(leaves)

    def part(start, end):
        if end <= 4096 * len(segments):
            if end - start == 4096 and start % 4096 == 0:
                return segments[start // 4096]
        elif start >= 4096 * len(segments):
            first = 4096 * len(segments)
            return root(leaves[start - first : end - first])
        middle = start + largest_power_below(end - start)
        return node(part(start, middle), part(middle, end))

    return part(0, size) if size else sha256(b"")


def root_by_proof(leaf_hash, index, size, path):
    """Section 2.1.3.2, from the leaf to the root."""
    if index >= size:
        raise ValueError("no such leaf")
    at, last, current = index, size - 1, leaf_hash
    for sibling in path:
        if last == 0:
            raise ValueError("the proof is too long")
        if at & 1 or at == last:
            current = node(sibling, current)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            current = node(current, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return current


def head(note):
    text, _ = note.split("\n\n")
    origin, size, said, dropped, *_ = text.split("\n")
    _, tenant, log = origin.split("/")
    assert dropped.startswith("dropped ")
    return tenant, log, int(size), b64(said), int(dropped.removeprefix("dropped "))


def check_tree(tree, segments, records):
    tenant, log, size, said, dropped = head(tree["checkpoint"])
    assert (tenant, log, size, dropped) == (tree["tenant"], tree["log"], tree["size"], tree["dropped"])
    assert len(segments) * 4096 == dropped, "segments are missing"
    assert [line["index"] for line in records] == list(range(dropped, size)), "records are missing"
    leaves = []
    for line in records:
        computed = leaf(line["record"])
        assert computed == b64(line["record"]["leaf"]), line["record"]["id"]
        leaves.append(computed)
    computed = root_with_segments([b64(line["hash"]) for line in segments], leaves)
    assert computed == said, f"the root of {log} is another one"
    return {"log": log, "size": size, "root": base64.b64encode(computed).decode()}


def check_proof(proof):
    tenant, log, size, said, _ = head(proof["checkpoint"])
    assert (tenant, log, size) == (proof["tenant"], proof["log"], proof["size"])
    path = [b64(text) for text in proof["inclusion"]]
    assert root_by_proof(leaf(proof["record"]), proof["index"], size, path) == said
    return {"proved": proof["record"]["id"]}


def main():
    lines = [json.loads(line) for line in sys.stdin if line.strip()]
    answer = []
    for tree in (line for line in lines if line.get("kind") == "tree"):
        mine = [line for line in lines if line.get("kind") and line["log"] == tree["log"]]
        segments = [line for line in mine if line["kind"] == "segment"]
        answer.append(check_tree(tree, segments, [line for line in mine if line["kind"] == "record"]))
    answer.extend(check_proof(line) for line in lines if "inclusion" in line)
    print(json.dumps(answer))


main()
