package io.arcfs.erofs.extract;

import io.arcfs.erofs.Inode;
import io.arcfs.erofs.Listing;
import io.arcfs.erofs.Xattr;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes down what it gets, in the words of {@link Listing} but without link counts. */
final class RecordingSink implements TreeSink {
    private static final byte[] ZEROS = new byte[1 << 16];
    private static final long HASHED_SIZE_MAX = 256L << 20;

    private final Map<String, String> seen = new TreeMap<>();
    private final Map<String, String> links = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private final Deque<String> open = new ArrayDeque<>();

    Map<String, String> seen() {
        return seen;
    }

    Map<String, String> links() {
        return links;
    }

    List<String> failures() {
        return failures;
    }

    int depth() {
        return open.size();
    }

    @Override
    public void enterDirectory(byte[] name, Inode directory) {
        open.push(open.isEmpty() ? "" : path(name));
    }

    @Override
    public void leaveDirectory(Inode directory, List<Xattr> xattrs) {
        String path = open.pop();
        seen.put(
                path.isEmpty() ? "/" : path,
                Listing.words(directory, "", xattrs).replaceAll(" nlink=\\d+", ""));
    }

    @Override
    public void regularFile(byte[] name, Inode file, List<Xattr> xattrs, FileContent content)
            throws IOException {
        String data = " size=" + file.size() + " " + sha256(content);
        put(path(name), Listing.words(file, data, xattrs));
    }

    @Override
    public void symlink(byte[] name, Inode link, List<Xattr> xattrs, byte[] target) {
        String shown = " ->" + new String(target, StandardCharsets.UTF_8);
        put(path(name), Listing.words(link, shown, xattrs));
    }

    @Override
    public void special(byte[] name, Inode node, List<Xattr> xattrs) {
        put(path(name), Listing.words(node, "", xattrs));
    }

    @Override
    public void hardLink(byte[] name, List<byte[]> firstPath) {
        StringBuilder first = new StringBuilder();
        firstPath.forEach(
                each -> first.append('/').append(new String(each, StandardCharsets.ISO_8859_1)));
        links.put(path(name), first.toString());
        put(path(name), String.valueOf(seen.get(first.toString())));
    }

    @Override
    public void unreadable(List<byte[]> path, IOException reason) {
        failures.add(path.size() + " names deep: " + reason.getMessage());
    }

    private void put(String path, String words) {
        seen.put(path, words.replaceAll(" nlink=\\d+", ""));
    }

    private String path(byte[] name) {
        return open.element() + "/" + new String(name, StandardCharsets.ISO_8859_1);
    }

    private static String sha256(FileContent content) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            boolean hashed = content.sizeBytes() <= HASHED_SIZE_MAX;
            long[] position = {0};
            content.copyTo((offset, bytes) -> {
                if (hashed) {
                    zeros(digest, offset - position[0]);
                    digest.update(bytes.asByteBuffer());
                    position[0] = offset + bytes.byteSize();
                }
            });
            if (!hashed) {
                return "large";
            }
            zeros(digest, content.sizeBytes() - position[0]);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static void zeros(MessageDigest digest, long count) {
        MemorySegment zeros = MemorySegment.ofArray(ZEROS);
        for (long rest = count; rest > 0; rest -= ZEROS.length) {
            digest.update(zeros.asSlice(0, Math.min(rest, ZEROS.length)).asByteBuffer());
        }
    }
}
