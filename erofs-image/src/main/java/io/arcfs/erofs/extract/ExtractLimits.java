package io.arcfs.erofs.extract;

/**
 * How much may be made, against images that promise more than anybody has room for.
 *
 * @param names files and directories
 * @param dataBytes bytes of data, holes not counted
 */
public record ExtractLimits(long names, long dataBytes) {
    public static final ExtractLimits NONE = new ExtractLimits(Long.MAX_VALUE, Long.MAX_VALUE);
}
