"""The few lines of DER that a description of a key takes."""


def element(tag, content):
    length = len(content)
    if length < 0x80:
        head = bytes([length])
    else:
        size = length.to_bytes(2, "big").lstrip(b"\0")
        head = bytes([0x80 | len(size)]) + size
    return tag + head + content


def integer(number):
    return element(b"\x02", number.to_bytes(number.bit_length() // 8 + 1, "big"))


def enumerated(number):
    return element(b"\x0a", bytes([number]))


def octets(content):
    return element(b"\x04", content)


def sequence(*parts):
    return element(b"\x30", b"".join(parts))


def set_of(*parts):
    return element(b"\x31", b"".join(parts))


def context(number, content):
    """An explicit tag of a number from 1 to 16383."""
    if number < 31:
        return element(bytes([0xA0 | number]), content)
    digits = bytes([0x80 | number >> 7, number & 0x7F]) if number > 127 else bytes([number])
    return element(b"\xbf" + digits, content)


def members(content):
    """The elements that stand one after the other, as (tag, content)."""
    found = []
    while content:
        end = 1
        if content[0] & 0x1F == 0x1F:
            while content[end] & 0x80:
                end += 1
            end += 1
        tag, content = content[:end], content[end:]
        length, content = content[0], content[1:]
        if length & 0x80:
            size = length & 0x7F
            length, content = int.from_bytes(content[:size], "big"), content[size:]
        assert len(content) >= length, "an element is cut off"
        found.append((tag, content[:length]))
        content = content[length:]
    return found
