package io.arcfs.cli.device;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How people name a device: /dev/ublkb0, ublkb0 or 0. Stateless. */
public final class DeviceName {
    private static final Pattern FORM = Pattern.compile("(?:/dev/)?(?:ublkb)?([0-9]{1,7})");

    private DeviceName() {}

    /** The id, or empty when it names none. */
    public static OptionalInt idOf(String name) {
        Matcher matcher = FORM.matcher(name);
        return matcher.matches()
                ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
                : OptionalInt.empty();
    }
}
