package io.arcfs.erofs.check;

/**
 * Something that is wrong with an image.
 *
 * @param offsetBytes where in the image
 * @param path of what is concerned, with names that are no UTF-8 made readable; empty for the image
 */
public record Finding(long offsetBytes, String path, String what) {
    @Override
    public String toString() {
        return "byte " + offsetBytes + ": " + (path.isEmpty() ? "" : path + ": ") + what;
    }
}
