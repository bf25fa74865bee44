package io.arcfs.tier.catalog;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A container's row as bytes, big-endian. Immutable.
 *
 * <pre>
 * Row       -> Version u8 (1), Sequence u32, State u8 (ContainerState.persistentId), UsedBytes u64,
 *              PlacementCount u16, Placement^PlacementCount
 * Placement -> Medium uuid, PlaceLength u16, Place (UTF-8)
 * Key       -> 'C', Number u32
 * </pre>
 */
final class ContainerRowCodec {
    private static final byte VERSION = 1;

    private ContainerRowCodec() {}

    static byte[] encode(ContainerRow row) {
        List<byte[]> places = new ArrayList<>();
        int length = 1 + 4 + 1 + 8 + 2;
        for (Placement placement : row.placements()) {
            byte[] place = placement.place().getBytes(StandardCharsets.UTF_8);
            places.add(place);
            length += 16 + 2 + place.length;
        }
        ByteBuffer out = ByteBuffer.allocate(length);
        out.put(VERSION).putInt(row.id().sequence()).put((byte) row.state().persistentId());
        out.putLong(row.usedBytes()).putShort((short) places.size());
        for (int i = 0; i < places.size(); i++) {
            UUID medium = row.placements().get(i).medium();
            out.putLong(medium.getMostSignificantBits()).putLong(medium.getLeastSignificantBits());
            out.putShort((short) places.get(i).length).put(places.get(i));
        }
        return out.array();
    }

    static ContainerRow decode(int number, byte[] bytes) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            byte version = in.get();
            if (version != VERSION) {
                throw new IOException(
                        "tier catalog: row of container "
                                + number
                                + " has version "
                                + version
                                + "; this arcfs reads version 1");
            }
            ContainerId id = new ContainerId(number, in.getInt());
            ContainerState state = ContainerState.ofPersistentId(in.get());
            long usedBytes = in.getLong();
            int count = Short.toUnsignedInt(in.getShort());
            List<Placement> placements = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                UUID medium = new UUID(in.getLong(), in.getLong());
                byte[] place = new byte[Short.toUnsignedInt(in.getShort())];
                in.get(place);
                placements.add(new Placement(medium, new String(place, StandardCharsets.UTF_8)));
            }
            return new ContainerRow(id, state, usedBytes, placements);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new IOException("tier catalog: row of container " + number + " is malformed", e);
        }
    }
}
