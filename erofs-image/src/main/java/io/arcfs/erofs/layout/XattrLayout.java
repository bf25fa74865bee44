package io.arcfs.erofs.layout;

import static io.arcfs.erofs.layout.LittleEndian.U16;
import static io.arcfs.erofs.layout.LittleEndian.U32;
import static io.arcfs.erofs.layout.LittleEndian.U8;
import static io.arcfs.erofs.layout.LittleEndian.bytes;
import static io.arcfs.erofs.layout.LittleEndian.offset;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** {@code struct erofs_xattr_ibody_header} and {@code struct erofs_xattr_entry}. */
public final class XattrLayout {
    public static final StructLayout IBODY_HEADER =
            MemoryLayout.structLayout(
                    U32.withName("h_name_filter"),
                    U8.withName("h_shared_count"),
                    bytes("h_reserved2", 7));

    public static final StructLayout ENTRY =
            MemoryLayout.structLayout(
                    U8.withName("e_name_len"),
                    U8.withName("e_name_index"),
                    U16.withName("e_value_size"));

    public static final int IBODY_HEADER_SIZE = (int) IBODY_HEADER.byteSize();
    public static final int ENTRY_SIZE = (int) ENTRY.byteSize();

    public static final long NAME_FILTER = offset(IBODY_HEADER, "h_name_filter");
    public static final long SHARED_COUNT = offset(IBODY_HEADER, "h_shared_count");
    public static final long NAME_LEN = offset(ENTRY, "e_name_len");
    public static final long NAME_INDEX = offset(ENTRY, "e_name_index");
    public static final long VALUE_SIZE = offset(ENTRY, "e_value_size");

    /** i_xattr_icount is 16 bits: the header, and up to 65534 words behind it. */
    public static final int IBODY_MAX = IBODY_HEADER_SIZE + 4 * 65534;

    public static final int NAME_MAX = 255;
    public static final int VALUE_MAX = 65535;

    /** In e_name_index: the low bits number a long prefix. */
    public static final int LONG_PREFIX = 0x80;

    /** No prefix goes with a name. */
    public static final int NO_INDEX = 0;

    public static final int INDEX_USER = 1;
    public static final int INDEX_POSIX_ACL_ACCESS = 2;
    public static final int INDEX_POSIX_ACL_DEFAULT = 3;
    public static final int INDEX_TRUSTED = 4;
    public static final int INDEX_SECURITY = 6;

    private static final byte[] USER = ascii("user.");
    private static final byte[] POSIX_ACL_ACCESS = ascii("system.posix_acl_access");
    private static final byte[] POSIX_ACL_DEFAULT = ascii("system.posix_acl_default");
    private static final byte[] TRUSTED = ascii("trusted.");
    private static final byte[] SECURITY = ascii("security.");
    private static final byte[] NONE = new byte[0];

    private XattrLayout() {}

    /**
     * The name prefix that an index stands for, empty for an index nobody defined. Not to be
     * changed.
     */
    public static byte[] prefixOf(int index) {
        return switch (index) {
            case INDEX_USER -> USER;
            case INDEX_POSIX_ACL_ACCESS -> POSIX_ACL_ACCESS;
            case INDEX_POSIX_ACL_DEFAULT -> POSIX_ACL_DEFAULT;
            case INDEX_TRUSTED -> TRUSTED;
            case INDEX_SECURITY -> SECURITY;
            default -> NONE;
        };
    }

    /** The index of the prefix that a full name has, or {@link #NO_INDEX}. */
    public static int indexOf(byte[] name) {
        for (int index = INDEX_USER; index <= INDEX_SECURITY; index++) {
            byte[] prefix = prefixOf(index);
            int rest = name.length - prefix.length;
            boolean fits = isWholeName(index) ? rest == 0 : rest > 0;
            if (prefix.length > 0
                    && fits
                    && Arrays.equals(prefix, 0, prefix.length, name, 0, prefix.length)) {
                return index;
            }
        }
        return NO_INDEX;
    }

    /** Whether the whole name is the prefix, nothing behind it. */
    public static boolean isWholeName(int index) {
        return index == INDEX_POSIX_ACL_ACCESS || index == INDEX_POSIX_ACL_DEFAULT;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
