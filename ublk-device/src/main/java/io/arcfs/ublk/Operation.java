package io.arcfs.ublk;

import io.arcfs.ublk.abi.IoDescriptorLayout;

/** What a request asks for. */
public enum Operation {
    READ,
    WRITE,
    FLUSH,
    DISCARD,
    WRITE_ZEROES,
    /** One that this server does not know. */
    OTHER;

    static Operation of(int opFlags) {
        return switch (opFlags & IoDescriptorLayout.OP_MASK) {
            case IoDescriptorLayout.OP_READ -> READ;
            case IoDescriptorLayout.OP_WRITE -> WRITE;
            case IoDescriptorLayout.OP_FLUSH -> FLUSH;
            case IoDescriptorLayout.OP_DISCARD -> DISCARD;
            case IoDescriptorLayout.OP_WRITE_ZEROES -> WRITE_ZEROES;
            default -> OTHER;
        };
    }
}
