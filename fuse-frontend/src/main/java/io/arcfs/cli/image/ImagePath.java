package io.arcfs.cli.image;

import io.arcfs.cli.ByteArguments;
import io.arcfs.cli.CommandFailure;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.recovery.SafeText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A path of bytes inside an image; symlinks on the way are not followed. Immutable. */
public final class ImagePath {
    private final List<byte[]> names;
    private final String text;

    private ImagePath(List<byte[]> names, String text) {
        this.names = names;
        this.text = text;
    }

    /** From an argument: with or without a slash in front, empty for the root. */
    public static ImagePath of(String argument) {
        byte[] bytes = ByteArguments.bytesOf(argument);
        List<byte[]> names = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= bytes.length; i++) {
            if (i == bytes.length || bytes[i] == '/') {
                byte[] name = Arrays.copyOfRange(bytes, start, i);
                if (name.length > 0 && !Arrays.equals(name, new byte[] {'.'})) {
                    names.add(name);
                }
                start = i + 1;
            }
        }
        return new ImagePath(List.copyOf(names), argument);
    }

    /** The node behind the path. */
    public long resolve(ErofsImage image) throws CommandFailure, IOException {
        long nid = image.rootNid();
        for (byte[] name : names) {
            if (!image.inode(nid).isDirectory()) {
                throw missing("a part of it is no directory");
            }
            nid = image.lookup(nid, name);
            if (nid == ErofsImage.ABSENT) {
                throw missing("no such file or directory in the image");
            }
        }
        return nid;
    }

    private CommandFailure missing(String why) {
        return new CommandFailure(
                SafeText.of(text), why, "list what there is with arc image ls IMAGE");
    }
}
