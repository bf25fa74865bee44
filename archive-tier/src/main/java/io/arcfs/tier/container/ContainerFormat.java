package io.arcfs.tier.container;

import io.arcfs.tier.Geometry;

/**
 * The bytes of a container, on the SSD, on the device and (where the medium has files) on media.
 * All integers are little-endian and unsigned; a UUID is its 16 bytes as RFC 9562 prints them.
 *
 * <pre>
 * Container    -> Data, Footer, zeros, Tail          (containerBytes in all)
 * Data         -> dataBytes: objects of objectBytes, unused ones are zeros
 * Footer       -> Envelope, Body, Crc32c             (begins at dataBytes)
 * Envelope     -> Magic "ARCF", Name "container" (12 bytes, zero-filled), Version u32,
 *                 FooterLength u32 (from Magic to behind Crc32c)
 * Body         -> Volume uuid, Geometry, Number u32, Sequence u32, UsedBytes u64,
 *                 ObjectCount u32, Object^ObjectCount, Sha256 32 bytes,
 *                 DescriptorLength u32, Descriptor, ImageCount u32, Image^ImageCount
 * Geometry     -> BlockBytes u32, ChunkBytes u32, ObjectBytes u32, Containers u32,
 *                 DataBytes u64, ContainerBytes u64
 * Object       -> Length u32, Crc32c u32             (of its bytes)
 * Image        -> FirstLayer u32, LastLayer u32, Generation u32, Uuid, LengthBytes u64,
 *                 ExtentCount u32, (Address u64, Length u64)^ExtentCount, Sha256 32 bytes,
 *                 ManifestCount u32, (Number u32, Sequence u32)^ManifestCount,
 *                 NextInode u64, Commit u64
 * Crc32c       -> u32 over all of the footer before it
 * Tail         -> Magic "ARCF", Name "tail" (12 bytes), Version u32, FooterOffset u64 (= dataBytes),
 *                 Crc32c u32 over the tail before it (the last 32 bytes of the container)
 * </pre>
 *
 * The tail lets a reader that knows nothing of the geometry find the footer from a container's end.
 * Versions only rise; a reader refuses one that it does not know by its number.
 */
public final class ContainerFormat {
    public static final int VERSION = 1;

    /** "ARCF", the first bytes of every structure of ours. */
    static final int MAGIC = 0x4643_5241;

    static final String FOOTER_NAME = "container";
    static final String TAIL_NAME = "tail";
    static final int NAME_BYTES = 12;
    static final int ENVELOPE_BYTES = 4 + NAME_BYTES + 4 + 4;
    static final int SHA256_BYTES = 32;
    static final int OBJECT_BYTES = 8;
    static final int EXTENT_BYTES = 16;
    static final int MANIFEST_ENTRY_BYTES = 8;
    static final int CRC_BYTES = 4;
    static final int IMAGE_FIXED_BYTES = 12 + 16 + 8 + 4 + SHA256_BYTES + 4 + 8 + 8;

    /** Size of the tail at the very end of a container. */
    public static final int TAIL_BYTES = 32;

    private ContainerFormat() {}

    /** Most bytes a footer may have. */
    public static long footerRoom(Geometry geometry) {
        return geometry.containerBytes() - geometry.dataBytes() - TAIL_BYTES;
    }
}
