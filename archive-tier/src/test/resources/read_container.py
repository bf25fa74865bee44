"""Reads a container file by docs/format/containers.md alone; shares no code with what it judges."""
import hashlib
import struct
import sys
import uuid


def crc32c(data):
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def envelope(data, name):
    magic, actual, version = struct.unpack_from("<4s12sI", data)
    assert magic == b"ARCF" and actual == name.ljust(12, b"\0") and version == 1, data[:20]


with open(sys.argv[1], "rb") as file:
    container = file.read()
tail = container[-32:]
envelope(tail, b"tail")
footer_offset, tail_crc = struct.unpack_from("<QI", tail, 20)
assert crc32c(tail[:28]) == tail_crc
envelope(container[footer_offset:], b"container")
(length,) = struct.unpack_from("<I", container, footer_offset + 20)
footer = container[footer_offset:footer_offset + length]
assert crc32c(footer[:-4]) == struct.unpack("<I", footer[-4:])[0]
volume = uuid.UUID(bytes=footer[24:40])
block, chunk, object_bytes, containers = struct.unpack_from("<4I", footer, 40)
data_bytes, container_bytes = struct.unpack_from("<2Q", footer, 56)
assert data_bytes == footer_offset and container_bytes == len(container)
number, sequence, used, count = struct.unpack_from("<IIQI", footer, 72)
assert count == -(-used // object_bytes)
at = 92
digest = hashlib.sha256()
for index in range(count):
    size, crc = struct.unpack_from("<II", footer, at)
    data = container[index * object_bytes:index * object_bytes + size]
    assert crc32c(data) == crc, f"object {index}"
    digest.update(data)
    at += 8
assert digest.digest() == footer[at:at + 32]
at += 32
(size,) = struct.unpack_from("<I", footer, at)
descriptor = footer[at + 4:at + 4 + size].decode()
at += 4 + size
(images,) = struct.unpack_from("<I", footer, at)
at += 4
lines = []
for _ in range(images):
    first, last, generation = struct.unpack_from("<3I", footer, at)
    image = uuid.UUID(bytes=footer[at + 12:at + 28])
    image_bytes, extent_count = struct.unpack_from("<QI", footer, at + 28)
    at += 40
    extents = struct.unpack_from(f"<{2 * extent_count}Q", footer, at)
    at += 16 * extent_count + 32
    (manifest_count,) = struct.unpack_from("<I", footer, at)
    manifest = struct.unpack_from(f"<{2 * manifest_count}I", footer, at + 4)
    at += 4 + 8 * manifest_count
    next_inode, commit = struct.unpack_from("<2Q", footer, at)
    at += 16
    lines.append(f"image {first} {last} {generation} {image} {image_bytes} {list(extents)}"
                 f" {list(manifest)} {next_inode} {commit}")
assert at == length - 4
print(f"volume {volume} container {number}.{sequence} of {containers} used {used}")
print(f"descriptor {descriptor}")
print("\n".join(lines))
