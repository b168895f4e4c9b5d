"""Just enough of WebAssembly's binary format (version 1) to see which sections and instructions a module has."""


def leb(content, at):
    """An unsigned LEB128 number and where it ends."""
    value = shift = 0
    while True:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def sections(content):
    """Section number -> its content."""
    assert content[:8] == b"\0asm\1\0\0\0"
    found = {}
    at = 8
    while at < len(content):
        number = content[at]
        size, at = leb(content, at + 1)
        found[number] = content[at:at + size]
        at += size
    return found


def opcodes(content):
    """The first byte of every instruction in the code section."""
    code = sections(content)[10]
    found = set()
    count, at = leb(code, 0)
    for _ in range(count):
        size, at = leb(code, at)
        end = at + size
        groups, at = leb(code, at)
        for _ in range(groups):
            _, at = leb(code, at)
            at += 1
        while at < end:
            opcode = code[at]
            found.add(opcode)
            at = skip_immediates(code, at + 1, opcode)
        assert at == end
    return found


def skip_immediates(code, at, opcode):
    """Where the instruction after `opcode` begins; an opcode that version 1 does not have is an error."""
    if opcode in (0x02, 0x03, 0x04, 0x3F, 0x40):  # block, loop, if: a type; memory.size, memory.grow: a zero
        return at + 1
    if opcode in (0x0C, 0x0D, 0x10) or 0x20 <= opcode <= 0x24 or opcode in (0x41, 0x42):  # one number
        return leb(code, at)[1]
    if opcode == 0x0E:  # br_table: targets and a default
        targets, at = leb(code, at)
        for _ in range(targets + 1):
            _, at = leb(code, at)
        return at
    if opcode == 0x11 or 0x28 <= opcode <= 0x3E:  # call_indirect; loads and stores: alignment and offset
        return leb(code, leb(code, at)[1])[1]
    if opcode == 0x43:
        return at + 4
    if opcode == 0x44:
        return at + 8
    assert opcode in (0x00, 0x01, 0x05, 0x0B, 0x0F, 0x1A, 0x1B) or 0x45 <= opcode <= 0xBF, hex(opcode)
    return at
