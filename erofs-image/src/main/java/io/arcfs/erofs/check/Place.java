package io.arcfs.erofs.check;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A directory on the way: its path is put together only for a finding. Immutable. */
final class Place {
    private static final int SHOWN_MAX = 4096;

    final long nid;
    final @Nullable Place parent;
    private final byte[] name;

    Place(long nid, @Nullable Place parent, byte[] name) {
        this.nid = nid;
        this.parent = parent;
        this.name = name;
    }

    String path() {
        Deque<byte[]> names = new ArrayDeque<>();
        for (Place place = this; place.parent != null; place = place.parent) {
            names.push(place.name);
        }
        StringBuilder path = new StringBuilder();
        for (byte[] each : names) {
            if (path.length() > SHOWN_MAX) {
                return path.append("/...").toString();
            }
            path.append('/').append(shown(each));
        }
        return path.isEmpty() ? "/" : path.toString();
    }

    String path(byte[] child) {
        return parent == null ? "/" + shown(child) : path() + "/" + shown(child);
    }

    private static String shown(byte[] name) {
        StringBuilder shown = new StringBuilder();
        new String(name, StandardCharsets.UTF_8)
                .codePoints()
                .forEach(c -> shown.appendCodePoint(Character.isISOControl(c) ? '?' : c));
        return shown.toString();
    }
}
